//! What a probe says while it works: the lines of `debug=true`, and the reason that it gives for failing.

use lgtm_runtime::SharedClock;
use std::fmt::Display;

/// Lines of one probe that are kept.
const LINES_MAX: usize = 500;
/// Bytes of one value in a line.
const VALUE_BYTES_MAX: usize = 1_000;

/// The log of one probe.
#[derive(Clone)]
pub(crate) struct Log {
    clock: SharedClock,
    context: String,
    lines: Vec<String>,
    left_out: usize,
    reasons: Vec<String>,
}

impl Log {
    pub(crate) fn new(clock: SharedClock, module: &str, target: &str) -> Self {
        let context = format!("module={} target={}", quoted(module), quoted(target));
        Self { clock, context, lines: Vec::new(), left_out: 0, reasons: Vec::new() }
    }

    /// Something worth knowing.
    pub(crate) fn note(&mut self, message: &str, fields: &[(&str, &dyn Display)]) {
        self.line("DEBUG", message, fields);
    }

    /// Something that makes the probe fail.
    pub(crate) fn fail(&mut self, message: &str, fields: &[(&str, &dyn Display)]) {
        self.line("ERROR", message, fields);
        let details: Vec<String> = fields
            .iter()
            .map(|(name, value)| match *name {
                "error" => shortened(&value.to_string()),
                name => format!("{name} {}", shortened(&value.to_string())),
            })
            .collect();
        let separator = if details.is_empty() { "" } else { ": " };
        self.reasons.push(format!("{message}{separator}{}", details.join(", ")));
    }

    /// Why the probe failed, first things first.
    pub(crate) fn reason(&self) -> Option<String> {
        (!self.reasons.is_empty()).then(|| self.reasons.join("; "))
    }

    fn line(&mut self, level: &str, message: &str, fields: &[(&str, &dyn Display)]) {
        if self.lines.len() >= LINES_MAX {
            self.left_out += 1;
            return;
        }
        let mut line = format!("time={} level={level} msg={} {}", time(&self.clock), quoted(message), self.context);
        for (name, value) in fields {
            line.push_str(&format!(" {name}={}", quoted(&shortened(&value.to_string()))));
        }
        self.lines.push(line);
    }

    pub(crate) fn text(&self) -> String {
        let mut text: String = self.lines.iter().map(|line| format!("{line}\n")).collect();
        if self.left_out > 0 {
            text.push_str(&format!("… and {} lines more\n", self.left_out));
        }
        text
    }
}

fn shortened(text: &str) -> String {
    if text.len() <= VALUE_BYTES_MAX {
        return text.to_owned();
    }
    let end = (0..=VALUE_BYTES_MAX).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    format!("{}… ({} bytes)", &text[..end], text.len())
}

fn quoted(text: &str) -> String {
    let is_plain = |character: char| character.is_ascii_graphic() && character != '"' && character != '=';
    if !text.is_empty() && text.chars().all(is_plain) { text.to_owned() } else { format!("{text:?}") }
}

/// The time as RFC 3339 with milliseconds.
fn time(clock: &SharedClock) -> String {
    let ms = clock.now_ms().0;
    let (days, of_day) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    // Civil from days: eras of 400 years that begin in March.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute) = (of_day / 3_600_000, of_day / 60_000 % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}.{:03}Z", of_day / 1_000 % 60, of_day % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lgtm_model::TimestampNs;
    use lgtm_runtime::ManualClock;

    #[test]
    fn lines_carry_time_and_fields_and_errors_become_the_reason() {
        let clock = ManualClock::starting_at(TimestampNs(1_709_210_096_789_000_000));
        let mut log = Log::new(clock, "http_2xx", "a b");
        log.note("Connecting", &[("ip", &"127.0.0.1")]);
        log.fail("cannot connect", &[("error", &"refused")]);
        let line =
            "time=2024-02-29T12:34:56.789Z level=DEBUG msg=Connecting module=http_2xx target=\"a b\" ip=127.0.0.1\n";
        assert!(log.text().starts_with(line), "{}", log.text());
        assert_eq!(log.reason().unwrap(), "cannot connect: refused");
    }

    #[test]
    fn a_talkative_probe_is_bounded() {
        let mut log = Log::new(ManualClock::starting_at(TimestampNs(0)), "m", "t");
        for _ in 0..LINES_MAX + 7 {
            log.note("Read a line", &[("line", &"x".repeat(5_000))]);
        }
        assert!(log.text().ends_with("… and 7 lines more\n"));
        assert!(log.text().len() < LINES_MAX * (VALUE_BYTES_MAX + 200));
    }
}
