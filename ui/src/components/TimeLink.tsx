import type { ReactNode } from "react";
import { Link, useSearch } from "wouter";
import { type Changes, timeSearch } from "../lib/urlState";

interface Props {
  to: string;
  /** Parameters besides the time. */
  params?: Changes;
  children: ReactNode;
  className?: string;
  testId?: string;
  title?: string;
}

/** A link to another page that keeps the time range. */
export function TimeLink({ to, params, children, className = "link", testId, title }: Props) {
  const search = useSearch();
  return (
    <Link href={to + timeSearch(search, params)} className={className} data-testid={testId} title={title}>
      {children}
    </Link>
  );
}
