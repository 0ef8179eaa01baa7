//! Summation that keeps what rounding loses (Kahan's, as improved by Neumaier), as upstream's `kahansum`.

/// A running sum and the part of it that did not fit into a float.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct KahanSum {
    /// The rounded sum.
    pub sum: f64,
    /// What rounding lost so far.
    pub lost: f64,
}

impl KahanSum {
    /// A sum that starts with one value.
    pub fn of(value: f64) -> Self {
        Self { sum: value, lost: 0.0 }
    }

    /// The sum with one more value. Once it is infinite nothing is lost any more.
    #[must_use]
    pub fn plus(self, value: f64) -> Self {
        let total = self.sum + value;
        let lost = if total.is_infinite() {
            0.0
        } else if self.sum.abs() >= value.abs() {
            self.lost + ((self.sum - total) + value)
        } else {
            self.lost + ((value - total) + self.sum)
        };
        Self { sum: total, lost }
    }

    /// Both parts multiplied.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self { sum: factor * self.sum, lost: factor * self.lost }
    }

    /// Both parts divided.
    #[must_use]
    pub fn divided(self, divisor: f64) -> Self {
        Self { sum: self.sum / divisor, lost: self.lost / divisor }
    }

    /// The sum as one float.
    pub fn total(self) -> f64 {
        self.sum + self.lost
    }
}

/// A running mean: the compensated sum as long as it is finite, then an incremental mean, as upstream does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RunningMean {
    /// The sum, or the mean once `incremental`.
    state: KahanSum,
    count: f64,
    incremental: bool,
}

impl RunningMean {
    /// The mean of one value.
    pub fn of(value: f64) -> Self {
        Self { state: KahanSum::of(value), count: 1.0, incremental: false }
    }

    /// Takes one more value in.
    pub fn add(&mut self, value: f64) {
        self.count += 1.0;
        if !self.incremental {
            let next = self.state.plus(value);
            if !next.sum.is_infinite() {
                self.state = next;
                return;
            }
            self.incremental = true;
            self.state = self.state.divided(self.count - 1.0);
        }
        let weight = (self.count - 1.0) / self.count;
        self.state = self.state.scaled(weight).plus(value / self.count);
    }

    /// The mean so far.
    pub fn mean(&self) -> f64 {
        if self.incremental { self.state.total() } else { self.state.sum / self.count + self.state.lost / self.count }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_values_survive_beside_large_ones() {
        let total = [1.0, 1e100, 1.0, -1e100].into_iter().fold(KahanSum::default(), KahanSum::plus).total();
        assert_eq!(total, 2.0);
    }

    #[test]
    fn a_mean_does_not_overflow() {
        let mut mean = RunningMean::of(f64::MAX);
        mean.add(f64::MAX);
        assert_eq!(mean.mean(), f64::MAX);
    }
}
