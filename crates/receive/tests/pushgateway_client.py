"""Pushes with prometheus_client to the Pushgateway at sys.argv[1] and checks what it exposes.

The gateway should be empty, or at least without the jobs py-*, which are deleted in the end.
"""

import sys
import urllib.error
import urllib.request

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary
from prometheus_client import delete_from_gateway, instance_ip_grouping_key, push_to_gateway, pushadd_to_gateway
from prometheus_client.parser import text_string_to_metric_families

url = sys.argv[1].rstrip("/")


def exposed():
    text = urllib.request.urlopen(url + "/metrics").read().decode()
    samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.labels.get("job", "").startswith("py-"):
                samples[sample.name, frozenset(sample.labels.items())] = sample.value
    return samples


def labels(**pairs):
    return frozenset({"instance": "", **pairs}.items())


registry = CollectorRegistry()
Gauge("py_last_success_unixtime", "Last time a batch job finished.", registry=registry).set(1.5e9)
done = Counter("py_done", "Things done.", ["kind"], registry=registry)
done.labels("good").inc(3)
done.labels("quo\"ted\\\n").inc()
Histogram("py_size", "Sizes.", buckets=[1, 10], registry=registry).observe(5)
Summary("py_took_seconds", "Times.", registry=registry).observe(0.5)

push_to_gateway(url, job="py-batch", registry=registry)
got = exposed()
assert got["py_last_success_unixtime", labels(job="py-batch")] == 1.5e9, got
assert got["py_done_total", labels(job="py-batch", kind="good")] == 3, got
assert got["py_done_total", labels(job="py-batch", kind="quo\"ted\\\n")] == 1, got
assert got["py_size_bucket", labels(job="py-batch", le="10")] == 1, got
assert got["py_size_bucket", labels(job="py-batch", le="1")] == 0, got
assert got["py_took_seconds_sum", labels(job="py-batch")] == 0.5, got
assert got["push_time_seconds", labels(job="py-batch")] > 1.5e9, got
assert got["push_failure_time_seconds", labels(job="py-batch")] == 0, got

# A grouping key with a slash, an empty value and letters beyond ASCII: the client writes base64.
odd = {"path": "/var/tmp", "nothing": "", "city": "Köln/Ünna"}
other = CollectorRegistry()
Gauge("py_files", "Files.", registry=other).set(7)
push_to_gateway(url, job="py-odd", grouping_key=odd, registry=other)
assert exposed()["py_files", labels(job="py-odd", **odd)] == 7, exposed()

# POST adds to a group, PUT replaces it.
pushadd_to_gateway(url, job="py-batch", registry=other)
assert exposed()["py_files", labels(job="py-batch")] == 7
assert ("py_done_total", labels(job="py-batch", kind="good")) in exposed()
push_to_gateway(url, job="py-batch", registry=other)
assert ("py_done_total", labels(job="py-batch", kind="good")) not in exposed()
push_to_gateway(url, job="py-ip", grouping_key=instance_ip_grouping_key(), registry=other)
assert any(name == "py_files" and dict(pairs).get("instance") for name, pairs in exposed()), exposed()

# Another type under the same name is refused, and the group remembers that.
clash = CollectorRegistry()
Histogram("py_files", "Files.", registry=clash).observe(1)
try:
    push_to_gateway(url, job="py-odd", grouping_key=odd, registry=clash)
    sys.exit("a gauge became a histogram")
except urllib.error.HTTPError as error:
    assert error.code == 400, error
assert exposed()["push_failure_time_seconds", labels(job="py-odd", **odd)] > 1.5e9
assert exposed()["py_files", labels(job="py-odd", **odd)] == 7

delete_from_gateway(url, job="py-batch")
delete_from_gateway(url, job="py-odd", grouping_key=odd)
delete_from_gateway(url, job="py-ip", grouping_key=instance_ip_grouping_key())
assert not exposed(), exposed()
print("all pushes behaved")
