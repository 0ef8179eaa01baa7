//! Following links of rules and runbooks within the web app.

use super::runbooks::Runbook;
use std::collections::BTreeMap;

/// What a link can lead to.
pub(super) struct Site<'a> {
    pub pages: &'a [&'a str],
    pub anchors: &'a [&'a str],
    pub runbooks: &'a BTreeMap<String, Runbook>,
}

impl Site<'_> {
    /// Where a link leads: the runbook's name, when it is one. The error says what is not there.
    ///
    /// A link begins with the server's own address (`{{ $externalURL }}`) or a slash; one to another site cannot be
    /// followed from here and is taken as it is.
    pub(super) fn follow(&self, link: &str) -> Result<Option<String>, String> {
        let inside = without_own_address(link.trim());
        if inside.starts_with("https://") || inside.starts_with("http://") {
            return Ok(None);
        }
        let (rest, anchor) = inside.split_once('#').unwrap_or((inside, ""));
        let path = rest.split('?').next().unwrap_or_default();
        if !path.starts_with('/') {
            return Err(format!("{link:?} is neither a page (/…) nor an address (https://…)"));
        }
        if let Some(name) = path.strip_prefix("/runbooks/") {
            if name.contains("{{") || self.runbooks.contains_key(name) {
                return Ok(Some(name.to_owned()));
            }
            return Err(format!("there is no runbooks/{name}.md"));
        }
        if !self.pages.is_empty() && !self.pages.iter().any(|page| is_on(page, path)) {
            return Err(format!("the web app has no page {path:?}; it has {}", self.pages.join(", ")));
        }
        if !anchor.is_empty() && !self.anchors.is_empty() && !self.anchors.contains(&anchor) {
            return Err(format!("no page has a place {anchor:?}; there are {}", self.anchors.join(", ")));
        }
        Ok(None)
    }
}

/// The link without the template that stands for the server's own address.
fn without_own_address(link: &str) -> &str {
    let Some((template, rest)) = link.strip_prefix("{{").and_then(|rest| rest.split_once("}}")) else { return link };
    match template.trim_matches(['-', ' ']) {
        "$externalURL" | "externalURL" | ".ExternalURL" => rest,
        _ => link,
    }
}

/// Whether a path is a page's, whose segments behind a colon may be anything.
fn is_on(page: &str, path: &str) -> bool {
    let (pattern, segments) = (page.split('/'), path.trim_end_matches('/').split('/'));
    let page_is_root = page == "/";
    if page_is_root {
        return path == "/";
    }
    pattern.clone().count() == segments.clone().count()
        && pattern.zip(segments).all(|(wanted, found)| {
            wanted == found || (wanted.starts_with(':') && !found.is_empty()) || found.contains("{{")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_pages_places_and_runbooks() {
        let runbooks = BTreeMap::from([("CPUHigh".to_owned(), Runbook::default())]);
        let site = Site { pages: &["/", "/slo", "/trace/:id"], anchors: &["latency"], runbooks: &runbooks };
        for link in [
            "/",
            "{{ $externalURL }}/?from=1#latency",
            "{{$externalURL}}/slo?slo={{ $labels.slo }}",
            "/trace/12",
            "/trace/{{ $labels.trace }}",
            "https://example.org/anything",
        ] {
            assert_eq!(site.follow(link), Ok(None), "{link}");
        }
        assert_eq!(site.follow("{{ $externalURL }}/runbooks/CPUHigh"), Ok(Some("CPUHigh".to_owned())));
        for link in ["/slos", "/trace", "/trace/", "/#traffic", "/runbooks/Gone", "slo", "", "{{ $labels.url }}"] {
            assert!(site.follow(link).is_err(), "{link}");
        }
    }
}
