import { lazy, Suspense } from "react";
import { Route, Switch } from "wouter";
import { ErrorBoundary } from "./components/ErrorBoundary";
import { Shell } from "./components/Shell";
import { Loading } from "./components/states";
import { TimeProvider } from "./components/TimeContext";
import { NotFoundPage } from "./pages/NotFoundPage";

const GoldenPage = lazy(() => import("./pages/golden/GoldenPage"));
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
