//! What instructions are and cost, for people.

use spusk_kernels::{
    ConvDirection, FusedOp, GatherKind, Gemm, Instruction, Loop, Place, Space, Triangle,
};

/// What an instruction does: `matmul 128×784×512`.
pub(super) fn describe(instruction: &Instruction) -> String {
    match instruction {
        Instruction::Gemm(gemm) => {
            let batch = if gemm.batch == 1 { String::new() } else { format!("{} × ", gemm.batch) };
            let part = match gemm.triangle {
                Triangle::None => "",
                Triangle::LeftLower => " left lower triangle",
                Triangle::LeftUpper => " left upper triangle",
                Triangle::Lower => " lower triangle",
            };
            let bias = match gemm {
                _ if gemm.bias.is_some() => " + bias",
                _ if gemm.accumulate => " + sum",
                _ if gemm.step.is_some() => " as a step",
                _ => "",
            };
            format!("matmul {batch}{}×{}×{}{part}{bias}", gemm.m, gemm.k, gemm.n)
        }
        Instruction::Conv(conv) => {
            let ([h, w, c], [kh, kw], [ho, wo, d]) = (conv.input, conv.kernel, conv.output);
            let what = match conv.direction {
                ConvDirection::Output => "conv",
                ConvDirection::Input => "conv input gradient",
                ConvDirection::Weight => "conv weight gradient",
            };
            let bias = if conv.bias.is_some() { " + bias" } else { "" };
            format!("{what} {}×{h}×{w}×{c}, {kh}×{kw} → {ho}×{wo}×{d}{bias}", conv.batch)
        }
        Instruction::Fused(fused) => {
            let work = |op: &&FusedOp| {
                use FusedOp::{Constant, Load, Store};
                !matches!(op, Load(_) | Store(..) | Constant(_))
            };
            let count = fused.ops.iter().filter(work).count();
            format!("fused {count} ops over {}×{}", fused.rows, fused.columns)
        }
        Instruction::Reduce(reduce) => {
            let (outer, reduced, inner) = (reduce.outer, reduce.reduced, reduce.inner);
            format!("{:?} {outer}×[{reduced}]×{inner}", reduce.kind).to_lowercase()
        }
        Instruction::Copy(copy) => format!("copy {:?}", copy.shape),
        Instruction::Fill(fill) => format!("fill {}", fill.output.len),
        Instruction::Random(random) => format!("random {:?} {}", random.kind, random.output.len),
        Instruction::ArgMax(argmax) => format!("argmax {}×{}", argmax.rows, argmax.columns),
        Instruction::Loop(l) => {
            let body: Vec<String> = l.body.iter().map(describe).collect();
            let name = if l.apart { "strips" } else { "loop" };
            format!("{name} {} × ({})", l.turns, body.join(", "))
        }
        Instruction::Pool(pool) => {
            let kind = format!("{:?}", pool.kind).to_lowercase();
            let (height, width) = (pool.height, pool.width);
            let (rows, columns) = (height.count(), width.count());
            let count = format!("{}×{rows}×{columns}×{}", pool.batch, pool.channels);
            format!("{kind} pool {}×{} to {count}", height.kernel, width.kernel)
        }
        Instruction::Gather(g) => {
            let kind = if g.kind == GatherKind::Gather { "gather" } else { "scatter" };
            format!("{kind} {} rows of {}×{}", g.ids.len, g.rows, g.columns)
        }
        Instruction::Resample(r) => {
            format!("resample {}×[{} to {}]×{}", r.outer, r.size, r.bands.len(), r.inner)
        }
    }
}

/// Multiply-adds of one entry of the batch.
fn products(gemm: &Gemm) -> usize {
    let Gemm { m, n, k, .. } = *gemm;
    match gemm.triangle {
        Triangle::None => m * n * k,
        // The columns of the result are alike.
        Triangle::LeftLower | Triangle::LeftUpper => {
            n * (0..m).map(|i| gemm.triangle.range(i, 0, k).len()).sum::<usize>()
        }
        Triangle::Lower => k * (0..m).map(|i| n.min(i + 1)).sum::<usize>(),
    }
}

pub(super) fn flops(instruction: &Instruction) -> u64 {
    use FusedOp as F;
    let count = match instruction {
        Instruction::Gemm(g) => {
            2 * g.batch * products(g) + g.step.map_or(0, |step| 2 * step.from.len)
        }
        Instruction::Conv(c) => {
            let [ho, wo, d] = c.output;
            let sum = c.kernel[0] * c.kernel[1] * c.input[2] / c.groups;
            2 * c.batch * ho * wo * d * sum
        }
        Instruction::Fused(fused) => {
            let one = |op: &F| match op {
                F::Load(_) | F::Store(..) | F::Constant(_) | F::Spread(_) => 0,
                F::MulAdd(..) => 2,
                F::DivSqrt(..) => 3,
                _ => 1,
            };
            fused.ops.iter().map(one).sum::<usize>() * fused.rows * fused.columns
        }
        Instruction::Reduce(r) => r.outer * r.reduced * r.inner,
        Instruction::ArgMax(a) => a.rows * a.columns,
        Instruction::Pool(p) => {
            let windows = p.batch * p.height.count() * p.width.count() * p.channels;
            windows * p.height.kernel * p.width.kernel
        }
        Instruction::Resample(r) => {
            let weights: usize = r.bands.iter().map(|band| band.weights.len()).sum();
            2 * r.outer * weights * r.inner
        }
        Instruction::Gather(g) if g.kind == GatherKind::ScatterAdd => g.input.len,
        Instruction::Copy(_)
        | Instruction::Fill(_)
        | Instruction::Gather(_)
        | Instruction::Random(_) => 0,
        Instruction::Loop(l) => return l.turns as u64 * l.body.iter().map(flops).sum::<u64>(),
    };
    count as u64
}

/// Elements that must be read and written at least.
pub(super) fn bytes(instruction: &Instruction) -> u64 {
    let elements = match instruction {
        Instruction::Gemm(g) => {
            let weights = g.step.map_or(0, |step| step.from.len);
            g.batch * (g.m * g.k + g.k * g.n + g.m * g.n) + weights
        }
        Instruction::Conv(c) => c.x.len + c.w.len + c.y.len,
        Instruction::Fused(fused) => {
            fused.inputs.iter().map(|(place, _)| place.len).sum::<usize>()
                + fused.outputs.iter().map(|(place, _)| place.len).sum::<usize>()
                + fused.sums.iter().map(|place| place.len).sum::<usize>()
        }
        Instruction::Reduce(r) => r.input.len + r.output.len,
        Instruction::Copy(c) => 2 * c.shape.iter().product::<usize>(),
        Instruction::Fill(f) => f.output.len,
        Instruction::Random(r) => r.output.len,
        Instruction::ArgMax(a) => a.input.len + a.output.len,
        Instruction::Loop(l) => loop_elements(l),
        Instruction::Pool(p) => p.input.len + p.other.map_or(0, |other| other.len) + p.output.len,
        // The rows, not the table.
        Instruction::Gather(g) => 2 * g.ids.len * g.columns + g.ids.len,
        Instruction::Resample(r) => r.input.len + r.output.len,
    };
    elements as u64
}

/// What windows sweep, and every other place of the buffers once: a turn leaves the rest in the cache.
fn loop_elements(l: &Loop) -> usize {
    let mut seen: Vec<Place> = Vec::new();
    let mut note = |place: Place| {
        let fixed = matches!(place.space, Space::Work | Space::State | Space::Lent(_));
        if fixed && !seen.contains(&place) {
            seen.push(place);
        }
    };
    for window in &l.windows {
        note(window.place);
    }
    for instruction in &l.body {
        if let Instruction::Gemm(gemm) = instruction {
            note(gemm.b.place);
        }
    }
    seen.iter().map(|place| place.len).sum()
}
