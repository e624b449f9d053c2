"""The story: one method per arrow, from a marketer's file to the last receipt.

Each method is a shell around a pure core: it reads through ports, lets a stage
decide, and writes through ports. Everything may be called again with the same
argument, at any time and twice at once: that is what queues and schedules do.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from chalicelib.audience.contact import Contact
from chalicelib.audience.instant import Instant
from chalicelib.audience.profiling import Survey
from chalicelib.authoring.actor import Actor
from chalicelib.errors import Problem
from chalicelib.log import Tally
from chalicelib.planning.approval import Agreement, Verdict
from chalicelib.planning.plan import Planning
from chalicelib.planning.trial import Trial
from chalicelib.ports import DeadLetter, Page
from chalicelib.sending.broadcast import Broadcast, BroadcastState
from chalicelib.steps import (
    approvals,
    audit,
    control,
    dead_letters,
    entrance,
    erasing,
    export,
    handoff,
    happenings,
    holding,
    imports,
    inbound,
    launch,
    media,
    messages,
    pace,
    plan,
    pushing,
    receipts,
    receiving,
    reconcile,
    report,
    retention,
    single,
    statements,
    stops,
    template_list,
    template_sync,
    testing,
    tokens,
    undo,
    verify,
)
from chalicelib.steps import send as sending
from chalicelib.steps import upload as uploading
from chalicelib.steps.control import Ordered
from chalicelib.steps.dead_letters import QueueSeen
from chalicelib.steps.erasing import Erasure
from chalicelib.steps.export import ExportPage
from chalicelib.steps.home import Home
from chalicelib.steps.imports import ImportResult
from chalicelib.steps.launch import Launched
from chalicelib.steps.pushing import Pushed
from chalicelib.steps.reconcile import Reconciled
from chalicelib.steps.statements import Stated
from chalicelib.steps.stops import Stopped
from chalicelib.steps.template_sync import AccountSynced
from chalicelib.steps.tokens import Token
from chalicelib.steps.undo import UndoResult
from chalicelib.steps.upload import Uploaded
from chalicelib.tracking.audit import AuditEntry
from chalicelib.tracking.explanation import Explanation
from chalicelib.tracking.report import Report
from chalicelib.tracking.verification import Verification

Run = Callable[[Coroutine[Any, Any, None]], None]


class Pipeline:
    """The pipeline over one wired home. `run` drives a coroutine to its end."""

    def __init__(self, home: Home, run: Run) -> None:
        self.home = home
        self._run = run
        self._posts = Tally("webhooks_posted", home.ports.clock.now)

    # WHO ------------------------------------------------------------------

    def import_contacts(self, raw: bytes, *, file: str, default_country: str | None) -> ImportResult:
        """Contacts file -> contacts, standings, consent events; one result per row."""
        return imports.import_contacts(self.home, raw, file=file, default_country=default_country)

    def profile(self, raw: bytes, *, default_country: str | None) -> Survey:
        """Contacts file -> what it holds and what an import would make of it; stores nothing."""
        return imports.profile(raw, default_country)

    def undo_import(self, batch: str) -> UndoResult:
        """Import -> what was before it, as far as nobody built on it since; every no stays."""
        return undo.undo(self.home, batch)

    def export_page(self, after: str | None) -> ExportPage:
        """Book -> a page of people as the cells of a contacts file."""
        return export.export_page(self.home, after)

    def contact(self, name: str) -> tuple[Contact, dict[str, Any]]:
        """Person by id, phone or external id -> contact with consents and their evidence."""
        return imports.show(self.home, name)

    def state_contact(self, external_id: str, fields: Mapping[str, Any]) -> Stated:
        """What another system says of one person -> contact, standing, consent events, as by an import."""
        return statements.state(self.home, external_id, fields)

    def erase(self, name: str, *, confirmed: bool) -> Erasure:
        """Person by id, phone or external id -> nothing of theirs anywhere; unconfirmed, what there is."""
        return erasing.erase(self.home, name, confirmed=confirmed)

    def record_event(self, person: str, event: str, *, key: str, at: Instant | None) -> tuple[str, bool]:
        """Another system's event -> the person's contact. Returns the person, and whether it is new."""
        return happenings.record(self.home, person, event, key, at)

    # WHAT -----------------------------------------------------------------

    def validate(self, source: str, *, file: str) -> Uploaded:
        """Definition -> all problems and warnings; stores nothing."""
        return uploading.validate(self.home, source, file=file)

    def upload(self, source: str, *, file: str, author: str) -> Uploaded:
        """Definition -> campaign version, or every problem at once."""
        return uploading.upload(self.home, source, file=file, author=author)

    def take_in(self, key: str) -> None:
        """Object under incoming/ -> an upload or an import, and its result under results/."""
        entrance.take_in(self.home, key)

    def run_tests(self, source: str, *, file: str) -> list[Trial]:
        """Definition -> what came of each of its own tests; stores nothing."""
        return uploading.run_tests(self.home, source, file=file)

    def sync_templates(self, sender: str | None) -> list[AccountSynced]:
        """WhatsApp's accounts -> what they say of their templates, kept; and what that changed."""
        accounts: list[AccountSynced] = []
        self._run(template_sync.sync(self.home, sender, accounts))
        return accounts

    def templates(self, sender: str | None, after: str | None) -> template_list.Listed:
        """What is known of templates -> a page of how they stand for each account."""
        return template_list.page(self.home, sender, after)

    def template(self, name: str, sender: str | None) -> template_list.Listed:
        """Template's name -> how it stands in every language and account."""
        return template_list.show(self.home, name, sender)

    # WHEN -----------------------------------------------------------------

    def plan(self, campaign: str, *, at: Instant | None, again: bool, author: str) -> Planning:
        """Campaign -> a planning with one task per group of contact shards, all listed up front."""
        return plan.start(self.home, campaign, at=at, again=again, author=author)

    def fan_out(self, body: str) -> None:
        """Contact shards -> manifest part: one row per person; the last part seals the plan."""
        fields = messages.decode(body)
        plan.fan_out(self.home, str(fields["plan"]), int(fields["task"]))

    def planning(self, name: str) -> Planning:
        """Plan id or hash -> how far the plan is, or what it says."""
        return plan.find(self.home, name)

    def approve(self, plan_hash: str, actor: Actor, *, verdict: Verdict, comment: str) -> Agreement:
        """Plan hash, somebody's word -> what all words on it amount to."""
        planning, sealed = launch.sealed_plan(self.home, plan_hash)
        return approvals.say(self.home, planning, sealed, actor, verdict=verdict, comment=comment)

    def agreed(self, planning: Planning) -> Agreement | None:
        """Plan -> what all words on it amount to, None before it is sealed."""
        return approvals.agreed(self.home, planning, planning.plan) if planning.plan else None

    def launch(self, plan_hash: str) -> Launched:
        """Plan hash -> broadcast, the same one however often."""
        return launch.launch(self.home, plan_hash)

    def open_broadcast(self, body: str) -> None:
        """Launching broadcast -> media uploaded, chunks, one schedule per wave, running."""
        broadcast = str(messages.decode(body)["broadcast"])
        self._run(media.ready_for(self.home, broadcast))
        launch.open_broadcast(self.home, broadcast)

    def dispatch(self, body: str) -> None:
        """Due wave -> its sender's timeline."""
        fields = messages.decode(body)
        launch.dispatch(self.home, str(fields["broadcast"]), int(fields["wave"]))

    # HOW ------------------------------------------------------------------

    def pace(self) -> None:
        """Timelines -> slots within the horizon -> queue; for a while, where timers are slow."""
        if self.home.settings.pace_for_ms:
            self._run(pace.rounds(self.home))
        else:
            pace.round_once(self.home, wake=True)

    def send(self, body: str) -> None:
        """Released chunks -> in each slot: standing, gates, claim, provider, outcome."""
        chunks = messages.decode(body)["chunks"]
        self._run(sending.send_chunks(self.home, [(str(b), str(c), int(r)) for b, c, r in chunks]))

    def order(self, broadcast: str, wanted: BroadcastState, *, lost_at: Instant | None = None) -> Ordered:
        """Pause, resume, cancel; `lost_at` ends the gap of one that a restored home holds."""
        return control.order(self.home, broadcast, wanted, lost_at=lost_at)

    def stops(self) -> list[Stopped]:
        """What nothing may leave for now, each with the senders that it holds."""
        return stops.listed(self.home)

    def lift_stop(self, stop: str) -> Stopped:
        """A stop's name -> everything in its scope goes on."""
        return stops.resume(self.home, stop)

    def restoring(self) -> holding.Restoring | None:
        """When this home was restored from a backup, and whether it is held for that."""
        return holding.restoring(self.home)

    def hold(self, backed_up_at: Instant) -> tuple[holding.Restoring, tuple[Broadcast, ...]]:
        """A home whose tables were restored -> one that sends nothing before a person says so."""
        return holding.hold(self.home, backed_up_at)

    def release(self) -> holding.Restoring:
        """Restored home -> one that may launch."""
        return holding.release(self.home)

    def send_single(
        self, campaign: str, contact: str, *, key: str, parameters: Mapping[str, Any]
    ) -> Broadcast:
        """Another system's request -> a plan and a broadcast of one person, the same for the same key."""
        return single.send(self.home, campaign, contact, key=key, parameters=parameters)

    def single_status(self, send: str) -> tuple[Broadcast, Explanation]:
        """Ledger -> where the person of a single send is."""
        return single.status(self.home, send)

    def create_token(self, name: str, **of: Any) -> tuple[str, Token]:
        """A name, a role and its limits -> an API token, shown this once."""
        return tokens.create(self.home, name, **of)

    def tokens(self) -> list[Token]:
        """Every API token, without its secret."""
        return list(tokens.every(self.home))

    def revoke_token(self, number: str) -> Token:
        """A token's number -> the API is closed to it."""
        return tokens.revoke(self.home, number)

    def actor_of_token(self, text: str) -> Actor | None:
        """A token's text -> who uses it, None when it opens nothing."""
        return tokens.actor(self.home, text)

    def test_send(self, source: str, *, file: str, contact: str, to: str) -> dict[str, Any]:
        """One rendering of a definition -> one message to a test phone."""
        result: dict[str, Any] = {}
        self._run(testing.test_send(self.home, source, file=file, contact=contact, to=to, result=result))
        return result

    def record_act(self, actor: Actor, act: str, *, on: str, outcome: str) -> None:
        """What somebody asked of the control plane -> the audit trail."""
        audit.record(self.home, actor, act, on=on, outcome=outcome)

    def audit(self, after: str | None) -> Page[AuditEntry]:
        """Audit trail -> a page of it, newest first."""
        return audit.page(self.home, after)

    def pushed(self) -> Pushed:
        """Which version of the rules counts."""
        return pushing.pushed(self.home)

    def keep_rules_file(self, sha256: str, body: bytes) -> None:
        """A file's content -> kept under its hash; it does not count before a push."""
        pushing.keep_content(self.home, sha256, body)

    def push_rules(self, files: Mapping[str, Any]) -> Pushed:
        """Senders, policy, templates and media by content -> what counts from now on, all at once."""
        return pushing.push(self.home, files)

    def queues(self) -> list[QueueSeen]:
        """How much lies on each queue, and beside it."""
        return dead_letters.depths(self.home)

    def dead_letters(self, queue: str | None) -> list[DeadLetter]:
        """Messages that failed too often, of one queue or of each."""
        return dead_letters.shown(self.home, queue)

    def replay_dead_letters(self, queue: str | None) -> int:
        """Dead letters -> their queues again. Returns how many."""
        return dead_letters.replay(self.home, queue)

    # WHAT HAPPENED --------------------------------------------------------

    def receive(self, raw: bytes, signature: str | None) -> None:
        """Signed webhook -> two queues. Raises Unauthorized."""
        with self._posts.one():
            receiving.receive(self.home, raw, signature)

    def handshake(self, query: dict[str, str]) -> str:
        """Meta's verification -> its challenge. Raises Unauthorized."""
        return receiving.handshake(self.home, query)

    def record_receipts(self, bodies: Sequence[str]) -> None:
        """Statuses -> ledger, in any order and number."""
        receipts.record(self.home, bodies)

    def record_inbound(self, body: str) -> None:
        """Replies, opt-outs, preferences, template and sender news -> consents, standings, brakes."""
        inbound.act(self.home, body)

    def hand_off(self, body: str) -> None:
        """Reply that is no stop or start word -> the webhook that its campaign names."""
        handoff.hand_off(self.home, body)

    def reconcile(self) -> Reconciled:
        """Lost chunks, due waves, uncertain deliveries, completions."""
        return reconcile.reconcile(self.home)

    def sweep(self) -> dict[str, int]:
        """Whatever was kept for long enough -> nothing. Returns how much of what."""
        return retention.sweep(self.home)

    def broadcast(self, broadcast: str) -> Broadcast:
        """Return a broadcast by "CAMPAIGN.n" or "CAMPAIGN#n"."""
        return control.find(self.home, broadcast)

    def report(self, broadcast: str) -> Report:
        """Ledger -> numbers, each a fold over it."""
        return report.fold_broadcast(self.home, control.find(self.home, broadcast))

    def verify(self, broadcast: str) -> Verification:
        """Ledger, chunks, timeline -> whether everything adds up; the counters are put right."""
        return verify.verify(self.home, broadcast)

    def explain(self, broadcast: str, person: str) -> Explanation:
        """One person -> every gate with the value it saw, also for people never selected."""
        return report.explain(self.home, control.find(self.home, broadcast), person)


__all__ = ["Pipeline", "Problem"]
