import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import { ErrorBoundary } from "./components/ErrorBoundary";
import { Shell } from "./components/Shell";
import { Loading } from "./components/states";
import { TimeProvider } from "./components/TimeContext";
import { NotFoundPage } from "./pages/NotFoundPage";

const GoldenPage = lazy(() => import("./pages/golden/GoldenPage"));
const AlertsPage = lazy(() => import("./pages/alerts/AlertsPage"));
const SloPage = lazy(() => import("./pages/slo/SloPage"));
const RunbooksPage = lazy(() => import("./pages/runbooks/RunbooksPage"));
const RunbookPage = lazy(() => import("./pages/runbooks/RunbookPage"));
const LogsPage = lazy(() => import("./pages/logs/LogsPage"));
const TracesPage = lazy(() => import("./pages/traces/TracesPage"));
const TracePage = lazy(() => import("./pages/trace/TracePage"));
const TargetsPage = lazy(() => import("./pages/targets/TargetsPage"));

/** The pages and their addresses. */
export function App() {
  return (
    <TimeProvider>
      <Shell>
        <ErrorBoundary>
          <Suspense fallback={<Loading what="page" />}>
            <Switch>
              <Route path="/" component={GoldenPage} />
              <Route path="/alerts" component={AlertsPage} />
              <Route path="/slo" component={SloPage} />
              <Route path="/runbooks" component={RunbooksPage} />
              <Route path="/runbooks/:name">{(params) => <RunbookPage key={params.name} name={params.name} />}</Route>
              <Route path="/logs" component={LogsPage} />
              <Route path="/traces" component={TracesPage} />
              <Route path="/trace/:id">{(params) => <TracePage key={params.id} id={params.id} />}</Route>
              <Route path="/targets" component={TargetsPage} />
              <Route component={NotFoundPage} />
            </Switch>
          </Suspense>
        </ErrorBoundary>
      </Shell>
    </TimeProvider>
  );
}
