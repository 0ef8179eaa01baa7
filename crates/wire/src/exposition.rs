//! The exposition formats: what a target answers to a scrape, and what `/metrics` of every component says.
//!
//! [`parse`] walks Prometheus text 0.0.4 (and 1.0.0) or OpenMetrics 1.0 text entry by entry without copying: an
//! [`Entry`] borrows from the input, and the labels of a [`Series`] are only built when they are asked for, so that a
//! scraper that has seen the same line before need not. The two formats share labels, numbers and entries; they differ
//! in white space, escapes, timestamps, exemplars and the mandatory end, each in its own file.

mod created;
mod entry;
mod escape;
mod float;
mod labels;
mod negotiate;
mod open_metrics;
mod scan;
mod text;
mod write;

pub use created::fold_created;
pub use entry::{Entry, ExpositionError, Series};
pub use escape::{EscapingScheme, escape_name, unescape_name};
pub use float::{format as format_value, parse as parse_value};
pub use negotiate::{Negotiated, ScrapeProtocol, accept_header, content_format};
pub use write::{CONTENT_TYPE_TEXT, write_declaration, write_families, write_sample};

use scan::Cursor;

/// A text format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Prometheus text 0.0.4 or 1.0.0.
    PrometheusText,
    /// OpenMetrics text 0.0.1 or 1.0.0.
    OpenMetrics,
}

/// Walks an exposition. After the first error the walk is over.
///
/// `body` must be UTF-8; if it is not, the first item is the error.
pub fn parse(body: &[u8], format: Format) -> Entries<'_> {
    let (text, broken) = match std::str::from_utf8(body) {
        Ok(text) => (text, None),
        Err(error) => {
            let line = body[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
            ("", Some(ExpositionError::new(line, "invalid UTF-8")))
        }
    };
    Entries { cursor: Cursor::new(text), format, metric_type: Default::default(), broken, ended: false }
}

/// The entries of an exposition, in order; see [`parse`].
pub struct Entries<'a> {
    cursor: Cursor<'a>,
    format: Format,
    /// Of the last TYPE line: the type of the series that follow.
    metric_type: lgtm_model::MetricType,
    broken: Option<ExpositionError>,
    ended: bool,
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<Entry<'a>, ExpositionError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        if let Some(error) = self.broken.take() {
            self.ended = true;
            return Some(Err(error));
        }
        let entry = match self.format {
            Format::PrometheusText => text::entry(&mut self.cursor, self.metric_type),
            Format::OpenMetrics => open_metrics::entry(&mut self.cursor, self.metric_type),
        };
        match entry {
            Ok(Some(entry)) => {
                if let Entry::Type { metric_type, .. } = entry {
                    self.metric_type = metric_type;
                }
                Some(Ok(entry))
            }
            Ok(None) => {
                self.ended = true;
                None
            }
            Err(error) => {
                self.ended = true;
                Some(Err(error))
            }
        }
    }
}
