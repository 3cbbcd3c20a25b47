"""Small worlds of all kinds: contracts, components, overlays, records with the probes at their edges."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from trueup.domain import terms
from trueup.domain.interval import Span, Spans
from trueup.domain.result import State
from trueup.domain.sla import Blip, Case, Exclusion, Maintenance, Part, Probed, Record, Timeline
from trueup.domain.terms import Aggregation, MinOutage, Planned, Rounding, Slices, Terms, Window

END = 30  # the world lasts so many ticks, from 0 on
PLAIN = terms.read({"window": {"type": "fixed"}})

instants = st.integers(-6, END + 6)
pieces = st.tuples(instants, st.integers(0, 9)).map(lambda pair: (pair[0], pair[0] + pair[1]))
states = st.sampled_from([State.DOWN, State.DOWN, State.DEGRADED, State.UP, State.UNKNOWN, State.PAUSED])


def mostly_none(strategy: st.SearchStrategy[int]) -> st.SearchStrategy[int | None]:
    return st.one_of(st.none(), st.none(), st.none(), strategy)


@st.composite
def records(draw: st.DrawFn, edges: bool) -> Record:
    start, end = draw(pieces)
    state, goes_on = draw(states), draw(st.integers(0, 7)) == 0
    end = max(end, start + 1) if edges else end  # an outage that was seen was not empty
    if not edges or state is not State.DOWN:
        return Record(state, start, None if goes_on else end)
    a = draw(st.none() | st.integers(0, 4).map(lambda gap: Probed(start - gap, start - gap)))
    b = draw(st.none() | st.integers(0, 3).map(lambda took: Probed(start, start + took)))
    if goes_on:
        return Record(state, start, None, a, b)
    c = draw(st.none() | st.integers(0, 4).map(lambda gap: Probed(end - gap, end)))
    d = draw(st.none() | st.integers(0, 3).map(lambda took: Probed(end, end + took)))
    return Record(state, start, end, a, b, c, d)


@st.composite
def blips(draw: st.DrawFn) -> Blip:
    first, last = draw(pieces)
    a = draw(st.none() | st.just(Probed(first - 2, first - 1)))
    d = draw(st.none() | st.just(Probed(last + 1, last + 3)))
    state = draw(st.sampled_from([State.UP, State.DEGRADED, State.DOWN, State.DOWN]))
    return Blip(state, Probed(first, first + 1), Probed(last, last + 1), a, d)


def timelines(edges: bool) -> st.SearchStrategy[Timeline]:
    return st.builds(
        Timeline,
        st.lists(records(edges), max_size=5),
        st.lists(blips(), max_size=1) if edges else st.just([]),
        mostly_none(instants),
        mostly_none(instants),
        mostly_none(instants),
    )


planned = st.builds(
    lambda piece, notice, cancelled: Maintenance(
        piece[0], piece[1], None if notice is None else piece[0] - notice, cancelled
    ),
    pieces,
    st.none() | st.integers(0, 4),
    st.integers(0, 5).map(lambda drawn: drawn == 0),
)
exclusions = st.builds(lambda piece, approved: Exclusion(piece[0], piece[1], approved), pieces, st.booleans())


@st.composite
def parts(draw: st.DrawFn, name: str, edges: bool, several_checks: bool) -> Part:
    most = 3 if several_checks else 1
    checks = tuple(draw(st.lists(timelines(edges), min_size=0 if several_checks else 1, max_size=most)))
    return Part(
        name,
        checks,
        draw(st.sampled_from(["any", "all", "2"])),
        draw(st.sampled_from([State.UP, State.UP, State.UNKNOWN, State.DEGRADED, State.DOWN])),
        tuple(draw(st.lists(planned, max_size=2))),
    )


modes = st.sampled_from(["exclude", "exclude", "count_as_up", "ignore"])
aggregations = st.sampled_from(
    [Aggregation("any"), Aggregation("all"), Aggregation("quorum", 2), Aggregation("quorum", 5)]
)
least = st.one_of(
    st.just(MinOutage()),
    st.builds(
        MinOutage, st.integers(0, 6), st.sampled_from(["raw", "counted"]), st.sampled_from(["full", "excess"])
    ),
)
slices = st.one_of(
    st.none(),
    st.none(),
    st.builds(
        Slices, st.integers(1, 7), st.sampled_from([None, Fraction(0), Fraction(1, 2), Fraction(1, 5)])
    ),
)


@st.composite
def words(draw: st.DrawFn, *, plain: bool = False, edges: bool = False) -> Terms:
    """Draw terms; ``plain`` ones have neither thresholds nor slices."""
    return Terms(
        objective_ratio=draw(st.sampled_from([Fraction(1, 2), Fraction(9, 10), Fraction(3, 4), Fraction(1)])),
        window=Window("fixed"),
        schedule=None,
        maintenance=Planned(
            draw(modes), draw(st.sampled_from([0, 0, 2])), draw(mostly_none(st.integers(0, 6)))
        ),
        exclusions_mode=draw(modes),
        paused=draw(st.sampled_from(["unknown", "exclude"])),
        unknown=draw(st.sampled_from(["exclude", "exclude", "up", "down", "carry"])),
        degraded_weight=draw(st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(1)])),
        min_outage=MinOutage() if plain else draw(least),
        slices=None if plain else draw(slices),
        aggregation=draw(aggregations),
        rounding=draw(st.none() | st.builds(Rounding, st.integers(0, 2), st.sampled_from(terms.ROUNDINGS))),
        tiers=PLAIN.tiers,
        min_coverage_ratio=draw(st.none() | st.just(Fraction(1, 2))),
        edge=draw(st.sampled_from(terms.EDGES)) if edges else "observed",
    )


@st.composite
def cases(
    draw: st.DrawFn, *, plain: bool = False, edges: bool = False, checks: bool = False, closed: bool = False
) -> Case:
    """Draw a case whose window is not empty."""
    count = draw(st.integers(1, 3))
    start = draw(st.integers(0, END // 2))
    end = draw(st.integers(start + 1, END))
    pairs = [(start, end)] if draw(st.integers(0, 4)) else [(start, end), (end + 1, end + 3)]
    window = Span(start, end) if len(pairs) == 1 else Spans(pairs)
    schedule = draw(st.none() | st.none() | st.lists(pieces, max_size=4).map(Spans))
    begins = draw(mostly_none(st.integers(0, max(start, end - 1))))
    return Case(
        terms=draw(words(plain=plain, edges=edges)),
        window=window,
        components=tuple(draw(parts(f"c{number}", edges, checks)) for number in range(count)),
        maintenance=tuple(draw(st.lists(planned, max_size=3))),
        exclusions=tuple(draw(st.lists(exclusions, max_size=2))),
        schedule=schedule,
        as_of_us=None if closed else draw(st.none() | st.integers(-3, END + 6)),
        contract_from_us=begins,
        fee=Fraction(1000),
    )
