import type { NotifierAlert } from "./alert";

/** What an alert's label must be, or must not be. */
export interface Matcher {
  name: string;
  value: string;
  isRegex: boolean;
  isEqual: boolean;
}

/** A silence as it is asked for; with an `id` it changes the one of that name. */
export interface NewSilence {
  id?: string;
  matchers: Matcher[];
  /** RFC 3339. */
  startsAt: string;
  endsAt: string;
  createdBy: string;
  comment: string;
}

/** What a silence would mute now. */
export interface SilencePreview {
  alerts: NotifierAlert[];
  /** How many alerts fire at all. */
  firing?: number;
}

/** A silence as it is kept. */
export interface Silence extends NewSilence {
  id: string;
  updatedAt: string;
  status: { state: "active" | "pending" | "expired" };
}
