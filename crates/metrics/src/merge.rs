//! Samples from several places as one column in strictly ascending order.

/// Times and values of one series, equally long.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Column {
    /// Milliseconds since the epoch.
    pub times: Vec<i64>,
    /// One value a time.
    pub values: Vec<f64>,
}

impl Column {
    /// Adds a sample at the end.
    pub fn push(&mut self, time: i64, value: f64) {
        self.times.push(time);
        self.values.push(value);
    }

    /// Adds another column behind this one.
    pub fn append(&mut self, other: &Column) {
        self.times.extend_from_slice(&other.times);
        self.values.extend_from_slice(&other.values);
    }

    /// Sorts by time. Of samples with one time the last added stays. Does nothing to a column that is in order.
    pub fn normalize(&mut self) {
        if self.times.windows(2).all(|pair| pair[0] < pair[1]) {
            return;
        }
        let mut order: Vec<u32> = (0..self.times.len() as u32).collect();
        order.sort_by_key(|&index| self.times[index as usize]);
        let mut sorted = Column { times: Vec::with_capacity(order.len()), values: Vec::with_capacity(order.len()) };
        for index in order {
            let (time, value) = (self.times[index as usize], self.values[index as usize]);
            match sorted.times.last() {
                // The sort is stable: what comes later in the order was added later.
                Some(&last) if last == time => {
                    if let Some(slot) = sorted.values.last_mut() {
                        *slot = value;
                    }
                }
                _ => sorted.push(time, value),
            }
        }
        *self = sorted;
    }

    /// Drops what lies outside of `start..=end`; the column must be in order.
    pub fn trim(&mut self, start: i64, end: i64) {
        let from = self.times.partition_point(|&time| time < start);
        let to = self.times.partition_point(|&time| time <= end).max(from);
        for_both(self, to, from);
    }

    /// How many samples there are.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }
}

fn for_both(column: &mut Column, to: usize, from: usize) {
    column.times.truncate(to);
    column.values.truncate(to);
    if from > 0 {
        column.times.drain(..from);
        column.values.drain(..from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_added_of_equal_times_stays() {
        let mut column = Column { times: vec![3, 1, 3, 2, 1], values: vec![0.0, 1.0, 2.0, 3.0, 4.0] };
        column.normalize();
        assert_eq!(column, Column { times: vec![1, 2, 3], values: vec![4.0, 3.0, 2.0] });
        column.trim(2, 2);
        assert_eq!(column, Column { times: vec![2], values: vec![3.0] });
        column.trim(5, 4);
        assert!(column.is_empty());
    }
}
