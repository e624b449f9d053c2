"""Every trigger of Carillon, in the pipeline's order. Nothing is decided here.

On AWS these are Lambda functions; on one machine a small runtime feeds them
the same events. Importing needs neither variables, nor AWS, nor secrets.
"""

from __future__ import annotations

from typing import Any

from chalice import Chalice

from chalicelib import bootstrap
from chalicelib.web import api
from chalicelib.web.events import (
    Event,
    each_object,
    each_record,
    function_url_answer,
    timer_payload,
    whole_batch,
)

app = Chalice(app_name="carillon")
app.register_blueprint(api.routes)  # upload, plan, launch, control, report, explain


@app.lambda_function(name="take_in")
def take_in(event: Any, context: Any) -> None:
    """S3, directly or by EventBridge: a file under incoming/ -> upload or import, outcome in results/."""
    each_object(event, bootstrap.pipeline().take_in)


@app.on_sqs_message(queue="plan", batch_size=1, maximum_concurrency=20)
def fan_out(event: Event) -> dict[str, Any]:
    """Contact shards -> manifest part; the last part seals the plan."""
    return each_record(event, bootstrap.pipeline().fan_out)


@app.on_sqs_message(queue="launch", batch_size=1)
def launch(event: Event) -> dict[str, Any]:
    """Launching broadcast -> chunks and schedules."""
    return each_record(event, bootstrap.pipeline().open_broadcast)


@app.on_sqs_message(queue="dispatch", batch_size=10)
def dispatch_due(event: Event) -> dict[str, Any]:
    """A wave that was due when it was launched -> its sender's timeline."""
    return each_record(event, bootstrap.pipeline().dispatch)


@app.lambda_function(name="dispatch")
def dispatch(event: Any, context: Any) -> None:
    """EventBridge Scheduler: a due wave -> its sender's timeline."""
    bootstrap.pipeline().dispatch(timer_payload(event))


@app.lambda_function(name="pace")
def pace(event: Any, context: Any) -> None:
    """Every minute, and on dispatch: timelines -> slots -> the send queue."""
    bootstrap.pipeline().pace()


@app.on_sqs_message(queue="send", batch_size=1, maximum_concurrency=50)
def send(event: Event) -> dict[str, Any]:
    """A released chunk -> claims, provider calls, outcomes."""
    return each_record(event, bootstrap.pipeline().send)


@app.lambda_function(name="webhook")
def webhook(event: Any, context: Any) -> dict[str, Any]:
    """Function URL (payload v2): verify, enqueue, answer 200."""
    return function_url_answer(event, bootstrap.pipeline)


@app.on_sqs_message(queue="receipts", batch_size=1_000, maximum_batching_window_in_seconds=10)
def record_receipts(event: Event) -> dict[str, Any]:
    """Statuses -> ledger."""
    return whole_batch(event, bootstrap.pipeline().record_receipts)


@app.on_sqs_message(queue="inbound", batch_size=10)
def record_inbound(event: Event) -> dict[str, Any]:
    """Everything else, first and alone: opt-outs, replies, news of templates and senders."""
    return each_record(event, bootstrap.pipeline().record_inbound)


@app.on_sqs_message(queue="handoff", batch_size=1, maximum_concurrency=5)
def hand_off(event: Event) -> dict[str, Any]:
    """A reply for people to answer -> the webhook its campaign names."""
    return each_record(event, bootstrap.pipeline().hand_off)


@app.lambda_function(name="reconcile")
def reconcile(event: Any, context: Any) -> None:
    """Every few minutes: what should have happened and did not."""
    bootstrap.pipeline().reconcile()


@app.lambda_function(name="sweep")
def sweep(event: Any, context: Any) -> None:
    """Every hour: what was kept for long enough is removed, a bounded amount at a time."""
    bootstrap.pipeline().sweep()
