//! A product whose right operand stays the same over many runs, and is packed once for them all.

use std::ops::Range;

use super::check::check;
use super::kernel::GemmKernel;
use crate::kernel::Kernel;
use crate::memory::RawMemory;
use crate::{Element, Gemm, Level};

/// A product inside of a loop.
pub(crate) struct PackedGemm<T: 'static>(GemmKernel<T>);

impl<T: Element> PackedGemm<T> {
    /// Checks a product and readies it to run, if packing its right operand as a whole suits it: one
    /// batch entry, and more than one column, since a single column is the left operand instead.
    pub(crate) fn prepare(spec: &Gemm, level: Level) -> Result<Option<Self>, String> {
        check(spec)?;
        let suits = spec.batch == 1 && spec.n > 1 && spec.k > 0;
        Ok(suits.then(|| PackedGemm(GemmKernel::new(spec, level))))
    }

    /// The product as it runs without.
    pub(crate) fn kernel(&self) -> &dyn Kernel<T> {
        &self.0
    }

    /// Elements of the packed operand.
    pub(crate) fn packed(&self) -> usize {
        self.0.all_packed()
    }

    /// Packs the right operand.
    ///
    /// # Safety
    /// As for [`Kernel::run`]; `to` has room for [`PackedGemm::packed`] elements.
    pub(crate) unsafe fn pack(&self, memory: RawMemory<T>, to: *mut T) {
        // SAFETY: passed on.
        unsafe { self.0.pack_all(memory, to) };
    }

    /// Runs some of the chunks with the operand that [`PackedGemm::pack`] has packed.
    ///
    /// # Safety
    /// As for [`Kernel::run`].
    pub(crate) unsafe fn run(
        &self,
        memory: RawMemory<T>,
        chunks: Range<usize>,
        scratch: *mut T,
        packed: *mut T,
    ) {
        // SAFETY: passed on.
        unsafe { self.0.run_chunks(memory, chunks, scratch, Some(packed)) };
    }
}
