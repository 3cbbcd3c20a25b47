"""The English words of every sentence.

A template names its parameters in braces, with an optional form: ``{waited_us:duration}``,
``{cap:size}``, ``{not_after_us:instant}``. A section in square brackets is left out when a
parameter inside is missing or empty; sections may nest. The rest must be given.

Sentences about a failed probe share a lead: ``asked`` (what was asked, as a person would write
it, without secrets) and ``waited_us`` (how long).
"""

from __future__ import annotations

_LEAD = "[Asked {asked} and waited {waited_us:duration}: ]"
_REACHED = "[connected to {peer}[ after {connect_us:duration}], but ]"

_DNS = {
    "dns.not_found": "the name {name} does not exist[, says {resolver}].",
    "dns.no_address": "the name {name} exists, but has no[ {family}] address.",
    "dns.timeout": "no resolver answered for the name {name}[ (asked {resolver})].",
    "dns.servfail": "the resolver[ {resolver}] answered {rcode} for the name {name}.",
    "dns.invalid": "{name} is no name that can be looked up[: {reason}].",
    "dns.no_resolver": "this machine knows no resolver to ask for the name {name}[ ({reason})].",
}

_CONNECT = {
    "refused": "{peer} refused the connection: nothing listens there.",
    "reset": _REACHED + "the connection was cut[ {phase}][ ({reason})].",
    "reset.empty": _REACHED + "it was closed without an answer.",
    "reset.short": _REACHED + "it was closed after {got:size}[ of {announced:size}] of the answer.",
    "unreachable": "there is no way to {peer}[ ({reason})].",
    "timeout.dns": "no resolver answered for the name {name}.",
    "timeout.connect": "no connection to {peer} came about.",
    "timeout.tls": _REACHED + "the TLS handshake did not come to its end.",
    "timeout.proxy": _REACHED + "the proxy made no connection to the target.",
    "timeout.wait": _REACHED + "no answer came.",
    "timeout.transfer": _REACHED + "the answer was not whole: {got:size}[ of {announced:size}] had come.",
    "timeout.redirect": "the time ended after {hops} redirects, before {location} had answered.",
    "timeout.upgrade": _REACHED + "the upgrade to WebSocket was not answered.",
    "timeout.strays": "{peer} sent only what answers no question of ours.",
    "timeout.greeting": _REACHED + "the server was to speak first, and did not.",
    "timeout.reply": _REACHED + "no reply came to what was sent[ ({step})].",
    "timeout.pong": _REACHED + "no pong came to the ping.",
    "timeout.total": "there was no whole answer.",
}

_TLS = {
    "tls.expired": "the certificate of {subject} ended at {not_after_us:instant}.",
    "tls.chain_expired": "a certificate in the chain of {subject} ended at {chain_not_after_us:instant}.",
    "tls.unreadable": "the certificate that was served cannot be read[: {reason}].",
    "tls.not_yet": "the certificate of {subject} begins only at {not_before_us:instant}.",
    "tls.name": "the certificate is for {names}, not for {name}.",
    "tls.self_signed": "the certificate[ of {subject}] is signed by itself, and no CA vouches for it.",
    "tls.untrusted": "the certificate[ of {subject}][, issued by {issuer},] is not trusted[: {reason}].",
    "tls.handshake": _REACHED + "the TLS handshake failed[: {reason}].",
    "tls.not_tls": _REACHED + "what answers there does not speak TLS.",
    "tls.not_offered": _REACHED + "it offers no TLS, and encrypt is required.",
    "tls.client": "the client certificate was not accepted[: {reason}].",
}

_PROTOCOL = {
    "protocol.http": _REACHED + "the answer is not HTTP[: {reason}].",
    "protocol.http2": _REACHED + "HTTP/2 broke off[: {reason}].",
    "protocol.encoding": "the body could not be decoded[ from {encoding}][: {reason}].",
    "protocol.proxy": "the proxy answered {status} instead of connecting.",
    "protocol.upgrade": "the upgrade to WebSocket was answered with status {status} instead of 101.",
    "protocol.accept": "the upgrade was answered with a wrong Sec-WebSocket-Accept: {got}.",
    "protocol.subprotocol": "the subprotocol {wanted} was asked for, but {got} was chosen.",
    "protocol.frame": "a frame came that WebSocket does not allow[: {reason}].",
    "protocol.close": "the connection was closed with code {code}[ ({reason})][ instead of {wanted}].",
    "protocol.early": _REACHED + "{got:size} came in plain text after TLS had been agreed on.",
    "protocol.grpc": _REACHED + "the answer is not gRPC[: {reason}].",
    "protocol.dns": "the answer is no message of DNS[: {reason}].",
    "protocol.stray": "what {peer} sent answers no question of ours.",
    "protocol.doh": "the server answered with HTTP status {status}[ and content of type {got}] instead of a "
    "message of DNS.",
    "protocol.other": "the answer is against the protocol[: {reason}].",
    "rdap.status": "the registry answered with HTTP status {status}.",
    "rdap.answer": "the answer of the registry cannot be used: {reason}.",
    "rdap.limited": "the registry says that it is asked too often; it is left alone for {rest_us:duration}.",
    "rdap.resting": "the registry was asked too often; it is left alone for another {rest_us:duration}.",
    "too_large.headers": "the headers of the answer are larger than {cap:size}.",
    "too_large.body": "the body of the answer is larger than {cap:size}.",
    "too_large.message": "the message is larger than {cap:size}.",
    "redirect.many": "there were more than {limit} redirects, the last to {location}.",
    "redirect.loop": "the redirects go in a circle: {location} came twice.",
    "redirect.scheme": "it redirects to {location}, which is no address that is asked.",
    "redirect.invalid": "the answer {status} redirects to nowhere: its Location is {location}.",
    "redirect.body": "the answer {status} sends the body on to {location}; it goes to no other host.",
    "redirect.unnamed": "the answer {status} redirects without a Location.",
    "timeout.load": _REACHED + "the page had not loaded.",
    "timeout.selector": "the page had loaded, but {wanted} was not to be seen on it.",
    "timeout.text": "the page had loaded, but its text did not hold {wanted}.",
    "browser.download": "the answer was no page: the browser would have downloaded it.",
    "browser.refused": "the browser shows no page[: {reason}].",
    "browser.crashed": "the browser broke off[: {reason}].",
    "local.browser": "this machine could not start its browser[: {reason}].",
    "local.browser_missing": "this machine has no Chromium and no Chrome; install one, as with "
    "apt-get install chromium, or say with TRUEUP_CHROMIUM where it is.",
    "local.browsers": "this machine already ran {limit} browsers all the time; see TRUEUP_BROWSERS.",
    "steps.address": "{path} made no address to ask, with what the answers before gave[: {reason}].",
    "steps.astray": "{path} became an address of another host than the target's; it is not asked.",
    "steps.line": "the header {header} would hold a line break, with what the answers before gave.",
    "guard.refused": "{peer} is {what}, and trueup does not connect there[ ({policy})].",
    "local.files": "this machine has no file descriptor left; raise the limit (ulimit -n).",
    "local.memory": "this machine has no memory left.",
    "local.ports": "this machine has no local port left.",
    "local.icmp": "this machine lets this process send no ICMP. Allow it to every group with "
    "'sysctl -w net.ipv4.ping_group_range=\"0 2147483647\"', which holds for IPv6 too, or to this Python "
    "alone with 'setcap cap_net_raw+ep {python}'.",
    "local.network": "this machine's own network does not work[: {reason}].",
    "local.file": "the file {path} cannot be used: {reason}.",
    "local.other": "this machine could not ask[: {reason}].",
    "internal": "a fault in trueup, not in the target: {error}.",
}

# What a server that wants to know who asks, or is asked in several steps, says instead of yes.
_ANSWER = {
    "answer.refused": _REACHED + "{step} was answered with {reply}.",
    "login.refused": _REACHED + "the login[ of {username}] was refused[: {reason}].",
    "login.method": _REACHED + "it offers no way to log in that trueup knows[: {offered}].",
    "login.clear": _REACHED + "it wants the password in clear text, and nobody has verified who it is: "
    "set encrypt to required.",
    "login.unproven": _REACHED + "it did not prove that it knows the password of {username}.",
    "host_key.other": _REACHED + "its host key is {got}, and {wanted} was expected.",
    "host_key.unproven": _REACHED + "it did not prove that the host key {got} is its own.",
}

_EXPECT = {
    "expect.unmet": "expected {expectation}, but {subject} was {got}.",
    "expect.no_path": "expected {expectation}, but {subject} was {got}: the server has nothing at this path. "
    "The path is part of the check's address in trueup.yaml.",
    "expect.contained": "expected {expectation}, but it was there.",
    "expect.not_contained": "expected {expectation}, but {subject} was {got}.",
    "expect.matched": "expected {expectation}, but it matched.",
    "expect.not_matched": "expected {expectation}, but {subject} was {got}.",
    "expect.cut": "expected {expectation}, but it was not in the first {size:size} of {subject}; "
    "the rest was not read.",
    "degraded.when": "up, but {subject} was {got}, and {expectation} means degraded.",
}

# What an expectation, or a rule for degraded, had nothing to be judged by.
_UNJUDGED = {
    "absent": "there was no {subject}.",
    "path": "{parent} was {got}, without {step}.",
    "type": "{subject} was {kind}[: {got}].",
    "unmatched": "the expression matched nothing in {subject}, which was {got}.",
    "too_much_work": "to search {subject} for it was given up: this expression costs too much on this text. "
    "Write it with fewer or shorter repetitions.",
    "not_json": "the body is not JSON: {reason}.",
    "json_depth": "the body is JSON nested deeper than {limit} levels, and is not read.",
}
for _problem, _words in _UNJUDGED.items():
    _EXPECT[f"expect.{_problem}"] = "expected {expectation}, but " + _words
    _EXPECT[f"degraded.{_problem}"] = (
        "up, but it cannot be told whether {expectation}, which means degraded: " + _words
    )
    _EXPECT[f"extract.{_problem}"] = "{part} was to be taken from the answer, but " + _words

_WITHDRAWN = {
    "withdrawn.witnesses": "Withdrawn: no witness answered either, so it says nothing about the target.",
    "withdrawn.late": "Withdrawn: trueup itself was {late_us:duration} behind.",
    "withdrawn.clock": "Withdrawn: the clock of this machine jumped by {step_us:duration}.",
    "withdrawn.fleet": "Withdrawn: {hosts} hosts failed within one interval for local reasons.",
    "unknown.created": "Nothing is known yet: no probe has confirmed a state.",
    "unknown.silence": "No probe covered this time.",
    "paused.by_hand": "Paused: nobody asked.",
}

_HEARTBEAT = {
    "late.call": "{asked} was due at {due_us:instant} and did not call[, nor within the grace of "
    "{grace_us:duration}][; before that it called at {last_us:instant}].",
    "late.run": "{asked} began a run at {begun_us:instant} and had not ended it by {due_us:instant}"
    "[, nor within the grace of {grace_us:duration}].",
    "reported": "{asked} said itself that it failed[, with exit code {exit_code}][: {said}].",
}

ENGLISH: dict[str, str] = {
    **{
        identity: _LEAD + words
        for group in (_DNS, _CONNECT, _TLS, _PROTOCOL, _ANSWER, _EXPECT)
        for identity, words in group.items()
    },
    **_WITHDRAWN,
    **_HEARTBEAT,
}
