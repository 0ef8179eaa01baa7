import type { ReactNode } from "react";
import { Link } from "wouter";
import { TimeLink } from "../../components/TimeLink";
import type { Target } from "../../lib/alerts/links";

interface Props {
  target: Target;
  children: ReactNode;
  /** What it leads to, for those who hear the link alone. */
  about: string;
  testId?: string;
}

/** A link into the app, which keeps the page's time unless it names one, or to another site. */
export function TargetLink({ target, children, about, testId }: Props) {
  const label = <span className="visually-hidden">{about}</span>;
  if (target.kind === "site") {
    return (
      <a className="link" href={target.url} target="_blank" rel="noreferrer" data-testid={testId}>
        {children} {label}
      </a>
    );
  }
  if (/[?&]from=/.test(target.to)) {
    return (
      <Link className="link" href={target.to} data-testid={testId}>
        {children} {label}
      </Link>
    );
  }
  return (
    <TimeLink to={target.to} {...(testId === undefined ? {} : { testId })}>
      {children} {label}
    </TimeLink>
  );
}
