import { Lexer, type Token, type Tokens } from "marked";
import { Fragment, type ReactNode, useMemo } from "react";
import { TimeLink } from "../../components/TimeLink";
import { documentLink, headingId } from "../../lib/runbooks/markdown";
import css from "./runbooks.module.css";

// The lexer's tokens become React elements here, so that no text of a runbook is ever read as HTML: tags show as they
// were typed. The page has one h1 already, so headings begin one level lower.

/** How deep lists and quotes may lie in each other. */
const DEPTH_MAX = 20;

function plainText(tokens: readonly Token[] | undefined, raw: string): string {
  return tokens === undefined ? raw : tokens.map((token) => ("tokens" in token && token.tokens ? plainText(token.tokens, token.raw) : "text" in token ? String(token.text) : token.raw)).join("");
}

function Anchor({ href, children }: { href: string; children: ReactNode }) {
  const link = documentLink(href);
  switch (link.kind) {
    case "anchor":
      return (
        <a className="link" href={`#${link.id}`}>
          {children}
        </a>
      );
    case "page":
      return <TimeLink to={link.to}>{children}</TimeLink>;
    case "site":
      return (
        <a className="link" href={link.url} target="_blank" rel="noreferrer">
          {children}
        </a>
      );
    case "none":
      return children;
  }
}

function inline(token: Token, depth: number): ReactNode {
  const children = () => inlines("tokens" in token ? token.tokens : undefined, token.raw, depth + 1);
  switch (token.type) {
    case "strong":
      return <strong>{children()}</strong>;
    case "em":
      return <em>{children()}</em>;
    case "del":
      return <del>{children()}</del>;
    case "codespan":
      return <code>{(token as Tokens.Codespan).text}</code>;
    case "br":
      return <br />;
    case "link":
      return <Anchor href={(token as Tokens.Link).href}>{children()}</Anchor>;
    case "image":
      // Pictures from elsewhere would tell that site who reads; what they show is said instead.
      return <em>{(token as Tokens.Image).text}</em>;
    case "escape":
      return (token as Tokens.Escape).text;
    case "checkbox":
      return <input type="checkbox" disabled checked={(token as { checked?: boolean }).checked === true} aria-label="done" />;
    case "text":
      return "tokens" in token && token.tokens ? children() : decoded((token as Tokens.Text).text);
    default:
      return token.raw;
  }
}

const ENTITIES: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&nbsp;": "\u00a0" };

function decoded(text: string): string {
  return text.replaceAll(/&(?:amp|lt|gt|quot|#39|nbsp);/g, (entity) => ENTITIES[entity] ?? entity);
}

// Tokens never change after they were read, so the place of one is its identity.
function keyed<T>(items: readonly T[], render: (item: T) => ReactNode): ReactNode {
  // oxlint-disable-next-line react/no-array-index-key
  return items.map((item, index) => <Fragment key={index}>{render(item)}</Fragment>);
}

function inlines(tokens: readonly Token[] | undefined, raw: string, depth: number): ReactNode {
  return tokens === undefined || depth > DEPTH_MAX ? raw : keyed(tokens, (token) => inline(token, depth));
}

function Heading({ token, depth }: { token: Tokens.Heading; depth: number }) {
  const Level = `h${Math.min(Math.max(token.depth, 2), 6)}` as "h2" | "h3" | "h4" | "h5" | "h6";
  return <Level id={headingId(plainText(token.tokens, token.text))}>{inlines(token.tokens, token.text, depth)}</Level>;
}

function List({ token, depth }: { token: Tokens.List; depth: number }) {
  const items = keyed(token.items, (item) => <li>{blocks(item.tokens, depth + 1)}</li>);
  return token.ordered ? <ol start={token.start === "" ? 1 : token.start}>{items}</ol> : <ul>{items}</ul>;
}

function DataTable({ token, depth }: { token: Tokens.Table; depth: number }) {
  const cell = (found: Tokens.TableCell) => inlines(found.tokens, found.text, depth + 1);
  return (
    <div className={css.tableScroll}>
      <table>
        <thead>
          <tr>{keyed(token.header, (found) => <th scope="col">{cell(found)}</th>)}</tr>
        </thead>
        <tbody>{keyed(token.rows, (row) => <tr>{keyed(row, (found) => <td>{cell(found)}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}

function block(token: Token, depth: number): ReactNode {
  switch (token.type) {
    case "space":
    case "def":
      return null;
    case "heading":
      return <Heading token={token as Tokens.Heading} depth={depth} />;
    case "paragraph":
      return <p>{inlines((token as Tokens.Paragraph).tokens, token.raw, depth)}</p>;
    case "code":
      return (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <pre tabIndex={0}>
          <code>{(token as Tokens.Code).text}</code>
        </pre>
      );
    case "list":
      return <List token={token as Tokens.List} depth={depth} />;
    case "blockquote":
      return <blockquote>{blocks((token as Tokens.Blockquote).tokens, depth + 1)}</blockquote>;
    case "table":
      return <DataTable token={token as Tokens.Table} depth={depth} />;
    case "hr":
      return <hr />;
    case "html":
      return /^<!--[^]*-->\s*$/.test(token.raw) ? null : <p>{token.raw}</p>;
    default:
      return inline(token, depth);
  }
}

function blocks(tokens: readonly Token[], depth: number): ReactNode {
  return depth > DEPTH_MAX ? null : keyed(tokens, (token) => block(token, depth));
}

/** A document without its first heading, which the page shows as its title. */
export function Markdown({ text }: { text: string }) {
  const tokens = useMemo(() => {
    const read = new Lexer({ gfm: true }).lex(text);
    const first = read.findIndex(({ type }) => type !== "space");
    const title = read[first];
    return title?.type === "heading" && (title as Tokens.Heading).depth === 1 ? read.slice(first + 1) : read;
  }, [text]);
  const headings = tokens.filter((token): token is Tokens.Heading => token.type === "heading" && token.depth <= 2);
  return (
    <div className={css.sheet}>
      <div className={css.document}>{blocks(tokens, 0)}</div>
      {headings.length > 1 && (
        <nav className={css.contents} aria-label="On this page">
          {headings.map((heading) => (
            <Anchor key={heading.raw} href={`#${headingId(plainText(heading.tokens, heading.text))}`}>
              {plainText(heading.tokens, heading.text)}
            </Anchor>
          ))}
        </nav>
      )}
    </div>
  );
}
