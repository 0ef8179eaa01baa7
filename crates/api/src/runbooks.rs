//! Runbooks: the Markdown files of a folder, listed and served as they are; the web app renders them.
//!
//! `GET /lgtm/api/v1/runbooks` answers `{"status":"success","data":[{"name","title","alerts"}]}`, sorted by name;
//! `GET /lgtm/api/v1/runbooks/NAME` the text of `NAME.md`. Files are read when asked for, so that an edit shows at once.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

/// Runbooks that are listed at most.
const RUNBOOKS_MAX: usize = 1_000;
/// Bytes that a runbook may have.
const RUNBOOK_BYTES_MAX: u64 = 1 << 20;

/// Which alerts there are, each with the link to its runbook: asked at every listing.
pub type RunbookLinks = Arc<dyn Fn() -> Vec<(String, String)> + Send + Sync>;

/// What the runbooks are served from.
#[derive(Clone)]
pub struct RunbookDeps {
    /// The folder with the files.
    pub folder: PathBuf,
    /// The rules' links.
    pub links: RunbookLinks,
}

/// The routes; paths begin with `/lgtm/api/v1`.
pub fn router(deps: RunbookDeps) -> Router {
    Router::new()
        .route("/lgtm/api/v1/runbooks", get(list))
        .route("/lgtm/api/v1/runbooks/{name}", get(one))
        .with_state(deps)
}

async fn list(State(deps): State<RunbookDeps>) -> Response {
    let mut alerts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (alert, link) in (deps.links)() {
        let name = link.rsplit('/').next().unwrap_or_default().split(['?', '#']).next().unwrap_or_default();
        let of_this = alerts.entry(name.to_owned()).or_default();
        if !of_this.contains(&alert) {
            of_this.push(alert);
        }
    }
    let listed = tokio::task::spawn_blocking(move || titles(&deps.folder)).await.unwrap_or_default();
    let data: Vec<_> = listed
        .into_iter()
        .map(|(name, title)| json!({"title": title, "alerts": alerts.remove(&name).unwrap_or_default(), "name": name}))
        .collect();
    answer(StatusCode::OK, json!({"status": "success", "data": data}))
}

async fn one(State(deps): State<RunbookDeps>, Path(name): Path<String>) -> Response {
    let safe = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    let path = deps.folder.join(format!("{name}.md"));
    let text = tokio::task::spawn_blocking(move || if safe { read(&path) } else { None }).await.ok().flatten();
    match text {
        Some(text) => ([(header::CONTENT_TYPE, "text/markdown; charset=utf-8")], text).into_response(),
        None => {
            let error =
                format!("there is no runbook {name:?}; runbooks are the files NAME.md in {}", deps.folder.display());
            answer(StatusCode::NOT_FOUND, json!({"status": "error", "errorType": "not_found", "error": error}))
        }
    }
}

fn answer(status: StatusCode, body: serde_json::Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// Name and title of each file, sorted by name.
fn titles(folder: &FilePath) -> Vec<(String, String)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    let mut titles: Vec<(String, String)> = paths
        .filter(|path| path.extension().is_some_and(|kind| kind == "md"))
        .take(RUNBOOKS_MAX)
        .filter_map(|path| {
            let name = path.file_stem()?.to_str()?.to_owned();
            let text = read(&path)?;
            let title =
                text.lines().find_map(|line| line.strip_prefix("# ")).map_or_else(|| name.clone(), str::to_owned);
            Some((name, title))
        })
        .collect();
    titles.sort();
    titles
}

fn read(path: &FilePath) -> Option<String> {
    (std::fs::metadata(path).ok()?.len() <= RUNBOOK_BYTES_MAX).then(|| std::fs::read_to_string(path).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::http::Request;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    async fn get(folder: &FilePath, path: &str) -> (StatusCode, String) {
        let links: RunbookLinks = Arc::new(|| vec![("DiskFull".to_owned(), "http://a/runbooks/Disk?x#y".to_owned())]);
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = router(RunbookDeps { folder: folder.to_owned(), links }).oneshot(request).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn runbooks_are_listed_with_their_alerts_and_nothing_else_is_served() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("Disk.md"), "# The disk\n\ntext").unwrap();
        std::fs::write(folder.path().join("secret.txt"), "no").unwrap();
        let (_, list) = get(folder.path(), "/lgtm/api/v1/runbooks").await;
        let wanted = json!([{"name": "Disk", "title": "The disk", "alerts": ["DiskFull"]}]);
        assert_eq!(serde_json::from_str::<serde_json::Value>(&list).unwrap()["data"], wanted);
        assert_eq!(get(folder.path(), "/lgtm/api/v1/runbooks/Disk").await.1, "# The disk\n\ntext");
        for path in ["Disks", "secret.txt", "..%2Fetc", "%2e%2e"] {
            assert_eq!(get(folder.path(), &format!("/lgtm/api/v1/runbooks/{path}")).await.0, StatusCode::NOT_FOUND);
        }
    }
}
