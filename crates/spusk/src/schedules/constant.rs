use crate::schedules::{Plateau, Schedule};
use crate::spec::Kind;

options! {
    /// The same learning rate throughout.
    "constant", aliases ["none", "fixed"], example "constant";
    pub struct Constant options {
        /// Steps at the beginning over which the factor grows from 0 to 1.
        warmup_steps: usize = 0 where Kind::Integer(0);
    }
}

impl Schedule for Constant {
    fn after_warmup(&self, _: u64, _: u64) -> f64 {
        1.0
    }

    fn warmup_steps(&self) -> u64 {
        self.warmup_steps as u64
    }

    fn plateau(&self) -> Option<Plateau> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedules::tests::check;

    #[test]
    fn it_stays() {
        check(Constant::default(), &[1.0, 1.0, 1.0]);
    }
}
