import { Button, Loader } from "@mantine/core";
import type { ReactNode } from "react";
import { ApiError } from "../api/http";
import { AlertIcon } from "./icons";
import css from "./states.module.css";

/** Data is on its way; never mixed up with an empty answer. */
export function Loading({ what }: { what: string }) {
  return (
    <div className={css.state} data-testid="state-loading" role="status">
      <Loader size="sm" aria-hidden="true" />
      <span>Loading {what}…</span>
    </div>
  );
}

/** The question failed: what was said, and a way to ask again. */
export function Failure({ what, error, retry }: { what: string; error: unknown; retry?: (() => void) | undefined }) {
  const message = error instanceof Error ? error.message : String(error);
  const status = error instanceof ApiError && error.status !== 0 ? ` (HTTP ${error.status})` : "";
  return (
    <div className={`${css.state} ${css.failure}`} data-testid="state-error" role="alert">
      <AlertIcon size={20} />
      <div>
        <strong>Cannot load {what}</strong>
        <div className={css.message}>
          {message}
          {status}
        </div>
      </div>
      {retry !== undefined && (
        <Button size="compact-sm" variant="default" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** The question was answered with nothing; the children say why that may be and what to do. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={css.state} data-testid="state-empty">
      <div className={css.empty}>
        <strong>{title}</strong>
        {children !== undefined && <div className={css.message}>{children}</div>}
      </div>
    </div>
  );
}
