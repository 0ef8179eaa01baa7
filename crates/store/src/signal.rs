//! Which signal a journal, a file or an offset belongs to.

use std::fmt;

/// One of the three signals; also the name of its folder in the store and of its journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    /// Samples and native histograms.
    Metrics,
    /// Log records.
    Logs,
    /// Spans of traces.
    Spans,
}

impl Signal {
    /// All of them, in the order of their numbers in files.
    pub const ALL: [Self; 3] = [Self::Metrics, Self::Logs, Self::Spans];

    /// The name in paths, labels and messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Metrics => "metrics",
            Self::Logs => "logs",
            Self::Spans => "spans",
        }
    }

    /// The number in manifest files.
    pub(crate) fn code(self) -> u8 {
        self as u8
    }

    /// The signal with this number.
    pub(crate) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `2026-11-24` for a day counted from the Unix epoch (proleptic Gregorian calendar, UTC).
pub fn day_name(day: i64) -> String {
    // Days are counted from 0000-03-01, so that the leap day is the last of its year; an era is 400 years.
    let shifted = day.saturating_add(719_468);
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day_of_month:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_the_names_of_the_calendar() {
        for (day, name) in [(0, "1970-01-01"), (19_782, "2024-02-29"), (20_781, "2026-11-24"), (-1, "1969-12-31")] {
            assert_eq!(day_name(day), name);
        }
    }

    #[test]
    fn codes_and_signals_agree() {
        for signal in Signal::ALL {
            assert_eq!(Signal::from_code(signal.code()), Some(signal));
        }
        assert_eq!(Signal::from_code(9), None);
    }
}
