import { ActionIcon, Tooltip, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { type ReactNode, useEffect } from "react";
import { useLocation } from "wouter";
import { HelpIcon, LogoIcon, MoonIcon, SunIcon } from "./icons";
import { RefreshControl } from "./RefreshControl";
import css from "./Shell.module.css";
import { Shortcuts } from "./Shortcuts";
import { TimeLink } from "./TimeLink";
import { TimePicker } from "./TimePicker";

const PAGES = [
  { to: "/", label: "Golden signals" },
  { to: "/logs", label: "Logs" },
  { to: "/traces", label: "Traces" },
  { to: "/targets", label: "Targets" },
];

function isCurrent(to: string, path: string): boolean {
  if (to === "/traces") return path === to || path.startsWith("/trace/");
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

/** The frame around every page: navigation, time, refresh, colours, shortcuts. */
export function Shell({ children }: { children: ReactNode }) {
  const [path] = useLocation();
  const [helpOpen, help] = useDisclosure(false);
  useEffect(() => {
    const page = PAGES.find(({ to }) => isCurrent(to, path))?.label;
    document.title = page === undefined ? "lgtm" : `${page} · lgtm`;
  }, [path]);
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
        <nav aria-label="Pages" className={css.nav}>
          {PAGES.map(({ to, label }) => (
            <TimeLink key={to} to={to} className={`${css.page} ${isCurrent(to, path) ? css.current : ""}`} testId={`nav-${label.toLowerCase().replace(" ", "-")}`}>
              <span aria-current={isCurrent(to, path) ? "page" : undefined}>{label}</span>
            </TimeLink>
          ))}
        </nav>
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
