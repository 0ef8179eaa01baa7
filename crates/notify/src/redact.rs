//! The configuration as it may be shown: without what lets anyone in or speak in our name.

use regex::Regex;

const SHOWN: &str = "<secret>";

/// Fields that are secret wherever they stand. Addresses of webhooks are among them, since many carry a token.
const SECRETS: &str = "url|api_url|webhook_url|slack_api_url|slack_app_token|app_token|mattermost_webhook_url|api_key|\
                       opsgenie_api_key|victorops_api_key|api_secret|wechat_api_secret|routing_key|service_key|token|\
                       token_id|rocketchat_token|rocketchat_token_id|user_key|bot_token|telegram_bot_token|password|\
                       auth_password|auth_secret|smtp_auth_password|smtp_auth_secret|credentials|client_secret|\
                       bearer_token|access_key|secret_key|key|proxy_url|alert_source_token|secrets|\
                       proxy_connect_header|client_certificate_key";

/// Replaces the values of secret fields, and whatever is indented below one.
pub(crate) fn redact(yaml: &str) -> String {
    let line_form = Regex::new(&format!(r#"^(\s*(?:-\s+)*["']?(?:{SECRETS})["']?\s*:)\s*(\S.*)?$"#));
    let inline_form = Regex::new(&format!(r#"([{{,]\s*["']?(?:{SECRETS})["']?\s*:\s*)("[^"]*"|'[^']*'|[^,}}\]]+)"#));
    // Both are a part of the program; should one ever be broken, nothing is shown rather than everything.
    let (Ok(line_form), Ok(inline_form)) = (line_form, inline_form) else { return String::new() };
    let mut shown = String::with_capacity(yaml.len());
    let mut hidden_below: Option<usize> = None;
    for line in yaml.lines() {
        let indent = line.len() - line.trim_start_matches([' ', '-']).len();
        match hidden_below {
            Some(_) if line.trim().is_empty() => continue,
            Some(above) if line.len() - line.trim_start().len() > above => continue,
            _ => hidden_below = None,
        }
        match line_form.captures(line) {
            Some(found) => {
                hidden_below = Some(indent);
                shown.push_str(&format!("{} {SHOWN}", &found[1]));
            }
            None => shown.push_str(&inline_form.replace_all(line, format!("${{1}}{SHOWN}"))),
        }
        shown.push('\n');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown_in_any_form_of_yaml() {
        let yaml = "global:\n  slack_api_url: 'https://hooks/T1'\n  smtp_auth_password: |\n    hunter2\n    more\n  smtp_from: a@b\n\
                    receivers:\n- name: x\n  webhook_configs:\n  - url: http://h/s3cr3t\n    send_resolved: true\n  \
                    - {url: \"http://h/t0k3n\", max_alerts: 3}\n";
        let shown = redact(yaml);
        for secret in ["T1", "hunter2", "more", "s3cr3t", "t0k3n"] {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        for plain in ["smtp_from: a@b", "send_resolved: true", "max_alerts: 3", "- name: x"] {
            assert!(shown.contains(plain), "{plain} not in {shown}");
        }
    }
}
