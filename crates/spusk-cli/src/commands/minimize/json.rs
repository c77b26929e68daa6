//! What was found, as one object.

use serde_json::{Map, Value, json};
use spusk::formula::{CriticalPoint, Exploration, Formula, Kind};

/// Numbers that are not finite become null.
pub(super) fn object(f: &Formula, found: &Exploration) -> Value {
    let n = f.variables().len();
    let at = found.request.at.as_ref();
    let nested = |flat: Vec<f64>| {
        let tidied = |row: &[f64]| row.iter().map(|&x| tidy(x)).collect::<Vec<_>>();
        Value::from(flat.chunks(n.max(1)).map(tidied).collect::<Vec<_>>())
    };
    let mut object = json!({
        "formula": f.expr().to_text(f.style(false)),
        "variables": f.variables().iter().map(ToString::to_string).collect::<Vec<_>>(),
        "gradient": f.gradient_text(),
        "hessian": f.hessian_text(),
        "at": at.map(|at| point(f, at)),
        "value": at.map(|at| f.value_at(at)).or((n == 0).then(|| f.value_at(&[]))).map(tidy),
        "gradient_at": at.map(|at| f.gradient_at(at).into_iter().map(tidy).collect::<Vec<_>>()),
        "hessian_at": at.map(|at| nested(f.hessian_at(at))),
        "critical_points": found.critical.points.iter().map(|p| critical(f, p)).collect::<Vec<_>>(),
        "all_critical_points": found.critical.exact,
        "ends": found.critical.ends.iter().map(|end| json!({
            "at": point(f, &[end.at]), "value": tidy(end.value), "kind": end.kind.map(name),
            "edge": end.edge,
        })).collect::<Vec<_>>(),
        "poles": found.critical.poles.iter().map(|pole| json!({
            "at": point(f, &[pole.at]),
            "left": pole.left.map(rises), "right": pole.right.map(rises),
        })).collect::<Vec<_>>(),
        "lower_elsewhere": found.critical.lower.as_ref().map(|(at, _)| point(f, at)),
        "higher_elsewhere": found.critical.higher.as_ref().map(|(at, _)| point(f, at)),
        "descent": Value::Null,
    });
    if let Some((options, descent, audit)) = &found.descent {
        object["descent"] = json!({
            "start": point(f, &descent.path[0]),
            "end": point(f, descent.end()),
            "value": tidy(descent.value()),
            "steps": descent.steps(),
            "stopped": descent.stopped,
            "learning_rate": options.learning_rate,
            "threshold": options.threshold,
            "gradient_norm": audit.slope,
            "at_minimum": audit.verdict == spusk::formula::Verdict::AtMinimum,
            "minimum_near": audit.minimum.as_ref().map(|(at, _)| point(f, at)),
            "distance": audit.distance,
        });
    }
    if !found.race.is_empty() {
        object["race"] = found
            .race
            .iter()
            .map(|racer| match &racer.descent {
                Ok(descent) => json!({
                    "optimizer": racer.name,
                    "learning_rate": racer.learning_rate,
                    "end": point(f, descent.end()),
                    "value": tidy(descent.value()),
                    "steps": descent.steps(),
                    "stopped": descent.stopped,
                }),
                Err(error) => json!({"optimizer": racer.name, "error": error.to_string()}),
            })
            .collect();
    }
    if let Some(basins) = &found.basins {
        object["basins"] = json!({
            "starts": basins.starts.len(),
            "diverged": basins.diverged,
            "minima": basins.minima.iter().map(|m| json!({
                "at": point(f, &m.at), "value": tidy(m.value), "starts": m.count,
            })).collect::<Vec<_>>(),
        });
    }
    if let Some(sweep) = &found.sweep {
        object["step_sweep"] = json!({
            "minimum": point(f, &sweep.minimum),
            "curvature": sweep.curvature,
            "best": 1.0 / sweep.curvature,
            "limit": 2.0 / sweep.curvature,
            "runs": sweep.runs.iter().map(|run| json!({
                "learning_rate": run.learning_rate, "steps": run.steps, "course": run.course,
            })).collect::<Vec<_>>(),
        });
    }
    object
}

fn name(kind: Kind) -> Value {
    json!(kind)
}

/// Never the negative zero.
fn tidy(x: f64) -> f64 {
    x + 0.0
}

/// What f does at the side of a pole.
fn rises(value: f64) -> &'static str {
    if value > 0.0 { "grows" } else { "falls" }
}

/// Variables in alphabetical order.
fn point(f: &Formula, at: &[f64]) -> Value {
    let names = f.variables().iter().map(ToString::to_string);
    names.zip(at.iter().map(|&x| Value::from(tidy(x)))).collect::<Map<_, _>>().into()
}

fn critical(f: &Formula, p: &CriticalPoint) -> Value {
    let mut object = json!({"at": point(f, &p.at), "value": tidy(p.value), "kind": name(p.kind)});
    if let Some(looks) = p.looks_like {
        object["looks_like"] = name(looks);
    }
    if !p.smooth {
        object["smooth"] = false.into();
    }
    if p.dimensions > 0 {
        object["isolated"] = false.into();
        object["dimensions"] = p.dimensions.into();
    }
    if let Some(stretch) = p.stretch {
        object["level_from_to"] = json!(stretch);
    }
    if let Some(root) = &p.root {
        object["multiplicity"] = root.multiplicity.into();
        object["exact"] = root.exact().map(ToString::to_string).into();
    }
    object
}
