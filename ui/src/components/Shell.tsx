import { ActionIcon, Tooltip, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type ReactNode, useEffect, useRef } from "react";
import { useLocation } from "wouter";
import { worstOf } from "../lib/alerts/filter";
import { isCalling } from "../lib/alerts/model";
import { HelpIcon, LogoIcon, MoonIcon, SunIcon } from "./icons";
import { RefreshControl } from "./RefreshControl";
import css from "./Shell.module.css";
import { Shortcuts } from "./Shortcuts";
import { TimeLink } from "./TimeLink";
import { TimePicker } from "./TimePicker";
import { useAlerts } from "./useAlerts";
import { useAnchor } from "./useAnchor";

const PAGES = [
  { to: "/", label: "Golden signals" },
  { to: "/alerts", label: "Alerts" },
  { to: "/slo", label: "SLOs" },
  { to: "/logs", label: "Logs" },
  { to: "/traces", label: "Traces" },
  { to: "/targets", label: "Targets" },
  { to: "/runbooks", label: "Runbooks" },
];

/** Beyond this a number tells no more than "many". */
const BADGE_MAX = 999;

function isCurrent(to: string, path: string): boolean {
  if (to === "/traces") return path === to || path.startsWith("/trace/");
  if (to === "/runbooks") return path === to || path.startsWith("/runbooks/");
  return path === to;
}

function SchemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const next = scheme === "dark" ? "light" : "dark";
  return (
    <Tooltip label={`Use ${next} colours`}>
      <ActionIcon variant="default" size="lg" aria-label={`Use ${next} colours`} onClick={() => setColorScheme(next)} data-testid="scheme-toggle">
        {scheme === "dark" ? <SunIcon /> : <MoonIcon />}
      </ActionIcon>
    </Tooltip>
  );
}

// How many alerts call somebody, in the colour of the worst; heartbeats and what is silenced are not counted.
function useCalling() {
  const { alerts } = useAlerts();
  const calling = (alerts ?? []).filter(isCalling);
  return { count: calling.length, severity: worstOf(calling) };
}

function Navigation({ path, calling }: { path: string; calling: ReturnType<typeof useCalling> }) {
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the pages do not fit side by side; the current one is moved into view.
    const current = nav.current?.querySelector<HTMLElement>("[aria-current]")?.parentElement;
    if (nav.current !== null && current) nav.current.scrollLeft = current.offsetLeft - nav.current.offsetLeft - (nav.current.clientWidth - current.offsetWidth) / 2;
  }, [path, calling.count]);
  return (
    <nav aria-label="Pages" className={css.nav} ref={nav}>
      {PAGES.map(({ to, label }) => (
        <TimeLink key={to} to={to} className={`${css.page} ${isCurrent(to, path) ? css.current : ""}`} testId={`nav-${label.toLowerCase().replace(" ", "-")}`}>
          <span aria-current={isCurrent(to, path) ? "page" : undefined}>
            {label}
            {to === "/alerts" && calling.count > 0 && (
              <span className={css.badge} data-severity={calling.severity} data-testid="alerts-badge">
                {calling.count > BADGE_MAX ? `${BADGE_MAX}+` : calling.count}
                <span className="visually-hidden"> firing</span>
              </span>
            )}
          </span>
        </TimeLink>
      ))}
    </nav>
  );
}

/** The frame around every page: navigation, time, refresh, colours, shortcuts. */
export function Shell({ children }: { children: ReactNode }) {
  const [path] = useLocation();
  const [helpOpen, help] = useDisclosure(false);
  const calling = useCalling();
  useAnchor();
  useEffect(() => {
    const page = PAGES.find(({ to }) => isCurrent(to, path))?.label;
    const firing = calling.count > 0 ? `(${calling.count}) ` : "";
    document.title = firing + (page === undefined ? "lgtm" : `${page} · lgtm`);
  }, [path, calling.count]);
  return (
    <>
      <a href="#main" className={css.skip}>
        Skip to the content
      </a>
      <header className={css.header}>
        <TimeLink to="/" className={css.brand} title="lgtm: logs, graphs, traces, metrics">
          <LogoIcon />
          <span>lgtm</span>
        </TimeLink>
        <Navigation path={path} calling={calling} />
        <div className={css.tools}>
          <TimePicker />
          <RefreshControl />
          <span className={css.wide}>
            <Tooltip label="Keyboard shortcuts (?)">
              <ActionIcon variant="default" size="lg" aria-label="Keyboard shortcuts" onClick={help.open}>
                <HelpIcon />
              </ActionIcon>
            </Tooltip>
          </span>
          <SchemeToggle />
        </div>
      </header>
      <main id="main" tabIndex={-1} className={css.main}>
        {children}
      </main>
      <Shortcuts opened={helpOpen} open={help.open} close={help.close} />
    </>
  );
}
