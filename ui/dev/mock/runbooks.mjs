// Runbooks of the shop's alerts. One of them tries what a runbook must not be able to do.

const runbook = (title, about, cause, steps, resolve) => `# ${title}

## What is this alert?

${about}

## What is the likely cause?

${cause}

## What are the first four investigation steps?

${steps.map((step, index) => `${index + 1}. ${step}`).join("\n")}

## How do I resolve it?

${resolve}

## Should I roll back, and when?

Roll back when a deployment lies within the **15 minutes** before the alert and the steps above name no other cause.

## Who do I escalate to, and when?

| after | to | how |
| --- | --- | --- |
| 15 minutes | the owner of the service | \`#shop-oncall\` |
| 30 minutes | the lead of the platform team | phone |
`;

const RUNBOOKS = [
  {
    name: "ServiceDown",
    title: "A service is down",
    alerts: ["ServiceDown"],
    text: runbook(
      "A service is down",
      "The probe of a service has failed for two minutes: nobody can use it.",
      "The process ended, its machine is away, or a deployment broke it. Symptoms on the same instance are inhibited, see [CPU](CPUHigh.md).",
      ["Look at the [targets](/targets): is the whole machine away?", "Read the [log lines](/logs) of the service.", "Look at the unit:\n\n   ```\n   systemctl status shop\n   journalctl -u shop --since -10min\n   ```\n", "Ask the probe itself: `curl -sv http://10.0.0.7:9104/`"],
      "Start the service again; when its disk is full, see [the other runbook](./DiskFullSoon.md#how-do-i-resolve-it).",
    ),
  },
  {
    name: "CPUHigh",
    title: "The processor is busy",
    alerts: ["CPUHigh", "CPUCritical"],
    text: runbook("The processor is busy", "The processor of a machine was over 80% busy for five minutes (critical: 90% for ten).", "More requests than usual, a runaway process, or a cron job.", ["`top -o %CPU`", "Compare with [traffic](/).", "Look for a deployment.", "Look for the slowest [traces](/traces?min=200ms)."], "End the runaway process or add a machine.\n\n> Never restart the database for this.\n\n<script>document.title = 'hacked'</script>\n\n[do not](javascript:alert(1)) <img src=x onerror=alert(1)>"),
  },
  { name: "DiskFullSoon", title: "The disk will be full", alerts: ["DiskFullSoon"], text: runbook("The disk will be full", "At its present rate the disk is full within a day.", "Logs, or a backup that is never removed.", ["`df -h`", "`du -xh / | sort -h | tail`", "Look at the [host](/).", "Is the retention as it should be?"], "Remove what is not needed.") },
  { name: "SLOFastBurn", title: "An error budget burns fast", alerts: ["SLOFastBurn", "SLOSlowBurn"], text: runbook("An error budget burns fast", "More requests fail than the objective can bear.", "A deployment, or something the service depends on.", ["Look at the [objective](/slo).", "Find the endpoint on the [golden signals](/).", "Open a failed [trace](/traces).", "Read its log lines."], "Undo what changed.") },
  { name: "Watchdog", title: "The dead man's switch", alerts: ["Watchdog"], text: runbook("The dead man's switch", "It always fires. When it does not arrive, alerting itself is broken.", "Nothing is wrong while it fires.", ["Look at the rules.", "Look at the notifier.", "Look at the receiver.", "Look at the network."], "There is nothing to resolve.") },
  { name: "TLSExpiresSoon", title: "A certificate expires", alerts: ["TLSExpiresSoon"], text: runbook("A certificate expires", "The certificate is valid for less than 14 days.", "Its renewal failed.", ["`openssl s_client -connect host:443`", "Read the renewal's log.", "Check the DNS record.", "Check the clock."], "Renew it.") },
];

/** `/lgtm/api/v1/runbooks` */
export function answerRunbooks() {
  return { status: "success", data: RUNBOOKS.map(({ name, title, alerts }) => ({ name, title, alerts })) };
}

/** The Markdown of one; undefined when there is none. */
export function runbookText(name) {
  return RUNBOOKS.find((found) => found.name === name)?.text;
}
