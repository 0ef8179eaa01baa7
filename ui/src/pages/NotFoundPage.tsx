import { Title } from "@mantine/core";
import { useLocation } from "wouter";
import { TimeLink } from "../components/TimeLink";

/** An address that names no page. */
export function NotFoundPage() {
  const [path] = useLocation();
  return (
    <div className="card" style={{ padding: 32 }} data-testid="page-not-found">
      <Title order={1} size="h3">
        There is no page at {path}
      </Title>
      <p>
        Perhaps you look for the <TimeLink to="/">golden signals</TimeLink>, the <TimeLink to="/logs">logs</TimeLink> or the{" "}
        <TimeLink to="/traces">traces</TimeLink>.
      </p>
    </div>
  );
}
