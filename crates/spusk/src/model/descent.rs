//! The part of a training step behind the loss: gradients, penalties, the optimizer, averages.

use spusk_graph::{Shape, Trace, Var, grad};

use super::{OptimizerInitial, OptimizerState, StepOptions};
use crate::net::{Net, Parameter, Substitute};
use crate::optimizers::{
    ParameterVars, Slot, SlotInitial, Update, UpdateContext, add_l2_penalty, average, clip_by_norm,
    clip_by_value, decay_weights, global_norm,
};

/// Gradients, clipping, penalties, the optimizer, the average: the states and what they become.
pub(crate) fn descend<'t>(
    net: &Net<'t>,
    loss: Var<'t>,
    options: &StepOptions,
    named: &mut Vec<(String, Var<'t>)>,
) -> (Vec<OptimizerState>, Vec<(Var<'t>, Var<'t>)>) {
    let trace = net.trace();
    let (parameters, values): (Vec<&Parameter>, Vec<Var>) =
        net.parameters.iter().filter(|(p, _)| p.trainable).map(|(p, value)| (p, *value)).unzip();
    let gradients = gradients(grad(loss, &values), options, named);
    let learning_rate = trace.input("learning_rate", &[]);
    let mut states = States::default();
    let globals = states.globals(trace, &options.optimizer.globals());
    let slots = states.slots(trace, &options.optimizer.slots(), &parameters);
    let (decay_before, weight_decay) =
        options.optimizer.weight_decay().shares(options.weight_decay);
    let mut updates = Vec::new();
    trace.scoped(&format!("optimizer {}", options.optimizer.name()), || {
        let vars: Vec<ParameterVars> = (values.iter().zip(&gradients).zip(&slots))
            .map(|((&value, &gradient), slots)| ParameterVars {
                gradient: add_l2_penalty(gradient, value, options.l2_penalty),
                value: decay_weights(value, learning_rate, decay_before),
                slots: slots.clone(),
            })
            .collect();
        let context = UpdateContext { learning_rate, weight_decay, globals: globals.clone() };
        let update = options.optimizer.update(&context, &vars);
        if let Some(keep) = options.average {
            updates.extend(averages(trace, options, keep, &update, &parameters, &mut states));
        }
        for ((&value, slots), new) in values.iter().zip(slots).zip(update.parameters) {
            updates.push((value, new.value));
            updates.extend(slots.into_iter().zip(new.slots));
        }
        updates.extend(globals.into_iter().zip(update.globals));
        named.extend(update.outputs.into_iter().map(|(name, var)| (name.to_string(), var)));
    });
    (states.declared, updates)
}

/// The averages of the parameters and what they become.
pub(super) fn averages<'t>(
    trace: &'t Trace,
    options: &StepOptions,
    keep: f64,
    update: &Update<'t>,
    parameters: &[&Parameter],
    states: &mut States,
) -> Vec<(Var<'t>, Var<'t>)> {
    let counter = states.globals(trace, &[AVERAGED])[0];
    let means = states.slots(trace, &[AVERAGE], parameters);
    let mut updates = vec![(counter, counter + 1.0)];
    for (mean, new) in means.into_iter().zip(&update.parameters) {
        let now = options.optimizer.evaluated(new.value, &new.slots, &update.globals);
        updates.push((mean[0], average(mean[0], now, keep, counter)));
    }
    updates
}

/// The average of a parameter.
const AVERAGE: Slot = Slot { name: "average", initial: SlotInitial::Parameter };

/// How many steps are in the averages.
const AVERAGED: Slot = Slot { name: "averaged", initial: SlotInitial::Number(0.0) };

/// The states that a training adds to the parameters and buffers.
#[derive(Default)]
pub(super) struct States {
    declared: Vec<OptimizerState>,
}

impl States {
    fn globals<'t>(&mut self, trace: &'t Trace, slots: &[Slot]) -> Vec<Var<'t>> {
        let add = |slot: &Slot| {
            let initial = match slot.initial {
                SlotInitial::Number(number) => OptimizerInitial::Number(number),
                // A scalar of the whole optimizer is no copy of a parameter.
                SlotInitial::Parameter => OptimizerInitial::Number(0.0),
            };
            let (name, shape) = (format!("optimizer.{}", slot.name), Shape::default());
            let var = trace.state(&name, &shape);
            self.declared.push(OptimizerState { name, shape, initial });
            var
        };
        slots.iter().map(add).collect()
    }

    fn slots<'t>(
        &mut self,
        trace: &'t Trace,
        slots: &[Slot],
        parameters: &[&Parameter],
    ) -> Vec<Vec<Var<'t>>> {
        let mut add = |slot: &Slot, parameter: &Parameter| {
            let initial = match slot.initial {
                SlotInitial::Number(number) => OptimizerInitial::Number(number),
                SlotInitial::Parameter => OptimizerInitial::Parameter(parameter.name.clone()),
            };
            let (name, shape) = (slot_name(slot, parameter), parameter.shape.clone());
            let var = trace.state(&name, &shape);
            self.declared.push(OptimizerState { name, shape, initial });
            var
        };
        let mut of = |parameter: &&Parameter| slots.iter().map(|s| add(s, parameter)).collect();
        parameters.iter().map(&mut of).collect()
    }
}

/// Clipped gradients; their norm before that becomes an output if it is wanted.
pub(super) fn gradients<'t>(
    gradients: Vec<Var<'t>>,
    options: &StepOptions,
    named: &mut Vec<(String, Var<'t>)>,
) -> Vec<Var<'t>> {
    let mut gradients = gradients;
    let wanted = options.outputs.gradient_norm;
    let norm = if wanted { global_norm(&gradients) } else { None };
    named.extend(norm.map(|norm| ("gradient_norm".to_string(), norm)));
    if let Some(most) = options.clip_value {
        gradients = clip_by_value(&gradients, most);
    }
    if let Some(most) = options.clip_norm
        && let Some(norm) = global_norm(&gradients)
    {
        gradients = clip_by_norm(&gradients, norm, most);
    }
    gradients
}

fn slot_name(slot: &Slot, parameter: &Parameter) -> String {
    format!("optimizer.{}.{}", slot.name, parameter.name)
}

/// The values to evaluate, from the states of a training.
pub(super) fn evaluated<'t>(trace: &'t Trace, options: StepOptions) -> Substitute<'t> {
    let state = |name: &str, shape: &[usize]| trace.state(name, shape);
    Box::new(move |parameter, value| {
        if !parameter.trainable {
            return value;
        }
        let slot = |slot: &Slot| state(&slot_name(slot, parameter), &parameter.shape);
        if options.average.is_some() {
            return slot(&AVERAGE);
        }
        // A state that no formula uses leaves no trace in the plan.
        let slots: Vec<Var> = options.optimizer.slots().iter().map(slot).collect();
        let global = |slot: &Slot| state(&format!("optimizer.{}", slot.name), &[]);
        let globals: Vec<Var> = options.optimizer.globals().iter().map(global).collect();
        options.optimizer.evaluated(value, &slots, &globals)
    })
}
