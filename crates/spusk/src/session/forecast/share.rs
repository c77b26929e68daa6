//! How much of a trained correction a forecast keeps.
//!
//! A correction that was learned on one stretch of time may be too bold on the next. So all of it, three quarters, a half, a
//! quarter and none are compared on the validation part, which training did not see; none is the linear
//! forecast that the network started from. This shrinks a forecast towards a simpler one, as stacking does
//! (Wolpert 1992, "Stacked generalization").

use super::super::{Resolved, SessionError};
use crate::data::Prepared;
use crate::engine::Engine;
use crate::layers::AnyLayer;
use crate::losses::AnyLoss;
use crate::messages::{self as say, Said};
use crate::train::{Shuffled, evaluate};

const SHARES: [f32; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];

/// Keeps the share of the correction that does best on the validation part, and says so. Where that is too
/// small to decide, a correction that nobody `wanted` (by naming its network, or by refusing early stopping) is left
/// out. `None` where there is nothing to choose: for other networks, and for quantiles, whose distances are the
/// correction.
///
/// # Errors
/// If the data cannot be read.
pub(in crate::session) fn choose(
    engine: &mut Engine,
    resolved: &Resolved,
    data: &Prepared,
    wanted: bool,
) -> Result<Option<Said>, SessionError> {
    let [AnyLayer::Forecast(forecast)] = &resolved.model.layers[..] else { return Ok(None) };
    let Some(AnyLayer::Dense(_)) = forecast.layers.last() else { return Ok(None) };
    let decides = resolved.settings.restore_best && !data.validation.is_empty();
    let is_chosen = decides || !wanted;
    if matches!(resolved.loss, AnyLoss::Quantile(_)) || !is_chosen {
        return Ok(None);
    }
    let path = format!("layers.0.layers.{}.", forecast.layers.len() - 1);
    let whole = states(engine, &path);
    // Of averaged weights the states are not what is evaluated.
    let evaluated = engine.evaluated()?;
    let is_whole = |(name, values): &(String, Vec<f32>)| {
        evaluated.iter().any(|(other, _, evaluated)| other == name && evaluated == values)
    };
    if whole.is_empty() || !whole.iter().all(is_whole) {
        return Ok(None);
    }
    if !decides {
        set(engine, &whole, 0.0);
        return Ok(Some(Said::new(say::share_left_out)));
    }
    let part = Shuffled::new(&data.validation, 0, false);
    let mut losses = Vec::new();
    for share in SHARES {
        set(engine, &whole, share);
        losses.push(evaluate(engine, &part, |_, _, _| {})?.mean());
    }
    // The smaller of equals.
    let order = |a: &usize, b: &usize| losses[*a].total_cmp(&losses[*b]);
    let best = (0..SHARES.len()).filter(|&i| losses[i].is_finite()).min_by(order).unwrap_or(0);
    set(engine, &whole, SHARES[best]);
    let shown: Vec<(f64, f64)> = SHARES.iter().map(|&share| share.into()).zip(losses).collect();
    Ok(Some(Said::new(|l| {
        let losses = crate::auto::losses(&shown, 5, l);
        say::share_kept(l, l.digits(&SHARES[best].to_string()), losses)
    })))
}

/// The states of the output layer, by name.
fn states(engine: &Engine, path: &str) -> Vec<(String, Vec<f32>)> {
    let names = engine.parameters().iter().map(|parameter| parameter.name.clone());
    let own = names.filter(|name| name.starts_with(path));
    let values = |name: String| Some((name.clone(), engine.state().get(&name)?.to_vec()));
    own.filter_map(values).collect()
}

/// Sets them to a share of what they were.
fn set(engine: &mut Engine, whole: &[(String, Vec<f32>)], share: f32) {
    for (name, values) in whole {
        if let Some(place) = engine.state_mut().get_mut(name) {
            place.iter_mut().zip(values).for_each(|(place, value)| *place = share * value);
        }
    }
}
