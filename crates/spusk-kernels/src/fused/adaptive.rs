//! The step that most training ends with, as one operation:
//!
//! m ← β₁m + κ₁g, v ← β₂v + κ₂g², θ ← δθ + σ·(αm) / (√(γv) + ε)
//!
//! with scalars of any meaning. Operation by operation, each of the nine would be a pass of its own
//! over the tile; the pass that does all nine reads and writes while it computes. Its operations are
//! the same in the same order, so the bits are too.

use super::function::Apply;
use super::lower::{Draft, Kind};
use super::op::{Count, Op, TileFn};
use crate::elementary::Elementary;
use crate::simd::{HasVectors, Vector as _, by_level};
use crate::{Level, TileBinary};

/// What its slots are, in order.
mod slot {
    pub(super) const NEW_THETA: usize = 0;
    pub(super) const NEW_M: usize = 1;
    pub(super) const NEW_V: usize = 2;
    pub(super) const THETA: usize = 3;
    pub(super) const M: usize = 4;
    pub(super) const V: usize = 5;
    pub(super) const G: usize = 6;
    pub(super) const BETA_1: usize = 7;
    pub(super) const KAPPA_1: usize = 8;
    pub(super) const BETA_2: usize = 9;
    pub(super) const KAPPA_2: usize = 10;
    pub(super) const ALPHA: usize = 11;
    pub(super) const GAMMA: usize = 12;
    pub(super) const EPS: usize = 13;
    pub(super) const DELTA: usize = 14;
    pub(super) const SIGMA: usize = 15;
    /// How many there are; the results come first.
    pub(super) const COUNT: usize = 16;
    pub(super) const RESULTS: usize = 3;
}

/// The loop for every level, in the order of [`Level`].
pub(super) fn by_level<T: HasVectors>() -> [TileFn<T>; Level::COUNT] {
    by_level!(portable::<T>, neon::<T>, avx2::<T>, avx512::<T>)
}

/// # Safety
/// As [`TileFn`].
unsafe fn portable<T: HasVectors>(op: &Op<T>, table: *const *mut T, n: usize) {
    // SAFETY: passed on to the caller.
    unsafe { run::<T::Portable>(op, table, n) }
}

/// # Safety
/// As [`TileFn`].
#[cfg(target_arch = "aarch64")]
unsafe fn neon<T: HasVectors>(op: &Op<T>, table: *const *mut T, n: usize) {
    // SAFETY: passed on to the caller.
    unsafe { run::<T::Neon>(op, table, n) }
}

/// # Safety
/// As [`TileFn`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2<T: HasVectors>(op: &Op<T>, table: *const *mut T, n: usize) {
    // SAFETY: passed on to the caller.
    unsafe { run::<T::Avx2>(op, table, n) }
}

/// # Safety
/// As [`TileFn`].
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
unsafe fn avx512<T: HasVectors>(op: &Op<T>, table: *const *mut T, n: usize) {
    // SAFETY: passed on to the caller.
    unsafe { run::<T::Avx512>(op, table, n) }
}

/// # Safety
/// As [`TileFn`].
#[inline(always)]
unsafe fn run<V: Elementary>(op: &Op<V::Scalar>, table: *const *mut V::Scalar, n: usize) {
    // SAFETY: slots are positions in the table, the scalars have an element and all else has `n`,
    // by the caller's promise.
    unsafe {
        let at = Addresses::of(op, table);
        let scalars = at.scalars::<V::Wide>();
        let mut i = 0;
        while i + V::Wide::N <= n {
            at.step(&scalars, i);
            i += V::Wide::N;
        }
        let scalars = at.scalars::<V>();
        while i < n {
            let rest = V::N.min(n - i);
            at.step_partial(&scalars, i, rest);
            i += rest;
        }
    }
}

/// Where the slots are.
struct Addresses<S>([*mut S; slot::COUNT]);

/// The scalar slots' values. They have names, as an array that is walked through would stand in memory.
#[derive(Clone, Copy)]
struct Scalars<V> {
    beta_1: V,
    kappa_1: V,
    beta_2: V,
    kappa_2: V,
    alpha: V,
    gamma: V,
    eps: V,
    delta: V,
    sigma: V,
}

impl<S: Copy> Addresses<S> {
    /// # Safety
    /// The operation's slots are positions in the table.
    #[inline(always)]
    unsafe fn of(op: &Op<S>, table: *const *mut S) -> Self {
        let mut addresses = [std::ptr::null_mut(); slot::COUNT];
        for (address, &slot) in addresses.iter_mut().zip(&op.slots) {
            // SAFETY: the caller's promise.
            *address = unsafe { *table.add(slot.into()) };
        }
        Addresses(addresses)
    }

    /// # Safety
    /// The scalar slots have an element.
    #[inline(always)]
    unsafe fn scalars<V: Elementary<Scalar = S>>(&self) -> Scalars<V> {
        // SAFETY: the caller's promise.
        let splat = |k: usize| V::splat(unsafe { *self.0[k] });
        Scalars {
            beta_1: splat(slot::BETA_1),
            kappa_1: splat(slot::KAPPA_1),
            beta_2: splat(slot::BETA_2),
            kappa_2: splat(slot::KAPPA_2),
            alpha: splat(slot::ALPHA),
            gamma: splat(slot::GAMMA),
            eps: splat(slot::EPS),
            delta: splat(slot::DELTA),
            sigma: splat(slot::SIGMA),
        }
    }

    /// One vector, at element `i`.
    ///
    /// # Safety
    /// All walked slots have it.
    #[inline(always)]
    unsafe fn step<V: Elementary<Scalar = S>>(&self, scalars: &Scalars<V>, i: usize) {
        // SAFETY: the caller's promise.
        unsafe {
            let theta = V::load(self.0[slot::THETA].add(i));
            let m = V::load(self.0[slot::M].add(i));
            let v = V::load(self.0[slot::V].add(i));
            let g = V::load(self.0[slot::G].add(i));
            let [theta, m, v] = stepped(theta, m, v, g, scalars);
            m.store(self.0[slot::NEW_M].add(i));
            v.store(self.0[slot::NEW_V].add(i));
            theta.store(self.0[slot::NEW_THETA].add(i));
        }
    }

    /// The first `n` elements of a vector, at element `i`.
    ///
    /// # Safety
    /// All walked slots have them.
    #[inline(always)]
    unsafe fn step_partial<V: Elementary<Scalar = S>>(
        &self,
        scalars: &Scalars<V>,
        i: usize,
        n: usize,
    ) {
        // SAFETY: the caller's promise.
        unsafe {
            let theta = V::load_partial(self.0[slot::THETA].add(i), n);
            let m = V::load_partial(self.0[slot::M].add(i), n);
            let v = V::load_partial(self.0[slot::V].add(i), n);
            let g = V::load_partial(self.0[slot::G].add(i), n);
            let [theta, m, v] = stepped(theta, m, v, g, scalars);
            m.store_partial(self.0[slot::NEW_M].add(i), n);
            v.store_partial(self.0[slot::NEW_V].add(i), n);
            theta.store_partial(self.0[slot::NEW_THETA].add(i), n);
        }
    }
}

/// The new θ, m and v.
#[inline(always)]
fn stepped<V: Elementary>(theta: V, m: V, v: V, g: V, s: &Scalars<V>) -> [V; 3] {
    let m = m.mul_add(s.beta_1, g.mul(s.kappa_1));
    let v = v.mul_add(s.beta_2, g.mul(g).mul(s.kappa_2));
    let step = m.mul(s.alpha).div_sqrt(v.mul(s.gamma), s.eps);
    [step.mul_add(s.sigma, theta.mul(s.delta)), m, v]
}

/// Puts the operation in place of those that it does, if it finds them. `constant` gives the slot of
/// a constant.
pub(super) fn find(drafts: &mut Vec<Draft>, mut constant: impl FnMut(f64) -> usize) {
    let Some(found) = (0..drafts.len()).find_map(|i| Search { drafts }.at(i)) else { return };
    // A factor of 1 changes no bit, and x - y is -1·y + x.
    let operands = (slot::RESULTS..slot::COUNT).map(|k| {
        let missing = if k == slot::SIGMA { -1.0 } else { 1.0 };
        Some(found.operands[k].unwrap_or_else(|| (constant(missing), 0)))
    });
    let draft = Draft {
        kind: Kind::Adaptive,
        results: found.results.to_vec(),
        operands: operands.collect(),
        row_steps: None,
        count: Count::Elements,
    };
    let last = found.parts[found.parts.len() - 1];
    drafts[last] = draft;
    let mut position = 0..;
    drafts.retain(|_| {
        let position = position.next().unwrap_or_default();
        position == last || !found.parts.contains(&position)
    });
}

/// What was found.
struct Found {
    /// Positions of the operations, in order.
    parts: Vec<usize>,
    results: [usize; slot::RESULTS],
    /// By slot; absent if it is a factor that is not there.
    operands: [Option<(usize, usize)>; slot::COUNT],
}

struct Search<'a> {
    drafts: &'a [Draft],
}

/// An operand: slot and step.
type Operand = (usize, usize);

impl Search<'_> {
    /// The whole around the `DivSqrt` at `position`.
    fn at(&self, position: usize) -> Option<Found> {
        let [a, b, eps] = self.operands(position, Apply::DivSqrt)?;
        if eps.1 != 0 {
            return None;
        }
        let mut parts = vec![position];
        let (m, alpha) = self.scaled(a, position, &mut parts);
        let (v, gamma) = self.scaled(b, position, &mut parts);
        let (new_m, _, [old_m, beta_1, g, kappa_1]) = self.average(m, position, &mut parts)?;
        let (new_v, term, [old_v, beta_2, square, kappa_2]) =
            self.average(v, position, &mut parts)?;
        let squared = self.only_producer(square, term)?;
        let mul = Apply::Binary(TileBinary::Mul);
        if self.pair(squared, mul)? != [g, g] {
            return None;
        }
        parts.push(squared);
        let (last, theta, sigma) = self.subtracted(position)?;
        parts.push(last);
        let (theta, delta) = self.scaled(theta, last, &mut parts);
        let theta_read = if delta.is_some() { parts[parts.len() - 1] } else { last };
        let read = [(theta, theta_read), (old_m, new_m), (old_v, new_v), (g, squared)];
        parts.sort_unstable();
        let from_outside = read.into_iter().all(|(operand, reader)| {
            let producer = self.producer(operand, reader);
            operand.1 == 1 && producer.is_none_or(|producer| !parts.contains(&producer))
        });
        if !from_outside || !self.undisturbed(&parts) {
            return None;
        }
        let mut operands = [None; slot::COUNT];
        operands[slot::THETA] = Some(theta);
        operands[slot::M] = Some(old_m);
        operands[slot::V] = Some(old_v);
        operands[slot::G] = Some(g);
        operands[slot::BETA_1] = Some(beta_1);
        operands[slot::KAPPA_1] = Some(kappa_1);
        operands[slot::BETA_2] = Some(beta_2);
        operands[slot::KAPPA_2] = Some(kappa_2);
        operands[slot::ALPHA] = alpha;
        operands[slot::GAMMA] = gamma;
        operands[slot::EPS] = Some(eps);
        operands[slot::DELTA] = delta;
        operands[slot::SIGMA] = sigma;
        let results = [last, new_m, new_v].map(|position| self.drafts[position].results[0]);
        Some(Found { parts, results, operands })
    }

    /// The operands of the element-wise operation at `position`, if it is `apply`.
    fn operands(&self, position: usize, apply: Apply) -> Option<[Operand; 3]> {
        let draft = &self.drafts[position];
        if draft.kind != Kind::Apply(apply) || draft.count != Count::Elements {
            return None;
        }
        let at = |k: usize| draft.operands.get(k).copied().flatten();
        Some([at(0)?, at(1)?, at(2).unwrap_or((usize::MAX, 0))])
    }

    fn pair(&self, position: usize, apply: Apply) -> Option<[Operand; 2]> {
        let [x, y, _] = self.operands(position, apply)?;
        Some([x, y])
    }

    /// The operation before `position` that writes an operand last.
    fn producer(&self, operand: Operand, position: usize) -> Option<usize> {
        self.drafts[..position].iter().rposition(|draft| draft.results.contains(&operand.0))
    }

    /// As `producer`, if nothing but `position` reads what it writes.
    fn only_producer(&self, operand: Operand, position: usize) -> Option<usize> {
        let producer = self.producer(operand, position)?;
        let reads = |draft: &Draft| draft.operands.iter().flatten().any(|o| o.0 == operand.0);
        let mut readers = (producer + 1..self.drafts.len()).filter(|&i| reads(&self.drafts[i]));
        (readers.next() == Some(position) && readers.next().is_none()).then_some(producer)
    }

    /// `operand` as another one times a scalar, if it is made so for `position` alone.
    fn scaled(
        &self,
        operand: Operand,
        position: usize,
        parts: &mut Vec<usize>,
    ) -> (Operand, Option<Operand>) {
        let product = self.only_producer(operand, position).and_then(|producer| {
            let [x, scalar] = self.pair(producer, Apply::Binary(TileBinary::Mul))?;
            (x.1 == 1 && scalar.1 == 0).then_some((producer, x, scalar))
        });
        match product {
            Some((producer, x, scalar)) => {
                parts.push(producer);
                (x, Some(scalar))
            }
            None => (operand, None),
        }
    }

    /// `operand` as x·β + y·κ with scalars β and κ: where the sum and where the second product are
    /// made, and x, β, y and κ.
    fn average(
        &self,
        operand: Operand,
        position: usize,
        parts: &mut Vec<usize>,
    ) -> Option<(usize, usize, [Operand; 4])> {
        let sum = self.producer(operand, position)?;
        let [x, beta, z] = self.operands(sum, Apply::MulAdd)?;
        let term = self.only_producer(z, sum)?;
        let (y, kappa) = self.scaled(z, sum, parts);
        parts.push(sum);
        (beta.1 == 0).then_some((sum, term, [x, beta, y, kappa?]))
    }

    /// Where the quotient made at `position`, and read nowhere else, is taken from θ: there, θ, and
    /// the scalar σ if it is not just subtracted.
    fn subtracted(&self, position: usize) -> Option<(usize, Operand, Option<Operand>)> {
        let quotient = (self.drafts[position].results[0], 1);
        let reader = (position + 1..self.drafts.len())
            .find(|&i| self.drafts[i].operands.iter().flatten().any(|&o| o == quotient))?;
        self.only_producer(quotient, reader)?;
        if let Some([theta, subtrahend]) = self.pair(reader, Apply::Binary(TileBinary::Sub)) {
            return (subtrahend == quotient && theta != quotient).then_some((reader, theta, None));
        }
        let [x, sigma, theta] = self.operands(reader, Apply::MulAdd)?;
        (x == quotient && sigma.1 == 0 && theta != quotient).then_some((reader, theta, Some(sigma)))
    }

    /// Whether the operations may all run where the last of them stands: none of the others that
    /// stand between them touches what they touch.
    fn undisturbed(&self, parts: &[usize]) -> bool {
        let slots = |i: usize| {
            let draft: &Draft = &self.drafts[i];
            let read = draft.operands.iter().flatten().map(|operand| operand.0);
            read.chain(draft.results.iter().copied())
        };
        let touched: Vec<usize> = parts.iter().flat_map(|&i| slots(i)).collect();
        let (first, last) = (parts[0], parts[parts.len() - 1]);
        (first..last)
            .filter(|i| !parts.contains(i))
            .all(|i| slots(i).all(|slot| !touched.contains(&slot)))
    }
}
