"""What happens now and then: someone waits, two walk close behind each other, five meet, a suitcase is left behind."""

import math
import random
from typing import Final

from edge.capture.street.body import Colour, Person, Suitcase
from edge.capture.street.plans import (
    BLOCK_S,
    LEFT_END,
    PAVEMENT_LINE_X,
    RIGHT_END,
    Plan,
    Stop,
    dice,
    someone,
)
from edge.capture.street.programme import Occasion, occasion
from edge.model.scene import Origin

FIRST_ID: Final = 70
SUITCASE_ID: Final = 90
"""Numbers within a block; those below are the everyday scenes'."""
WAIT_PLACE: Final = (11.9, 11.3)
MEETING_PLACES: Final = ((13.3, 11.25), (12.2, 11.15), (11.1, 10.95), (14.35, 11.2), (15.4, 11.0))
"""Where the five stand, metres: three come from the left, the first goes the farthest, so that none passes another."""
LEAVE_S: Final = 1.7
"""One after the other."""
PUT_PLACE: Final = (1.75, 9.35)
"""Where whoever puts down or takes the suitcase stands: before the planter, nearer than all who pass."""
IN_HAND: Final = (0.10, -0.34)
"""From someone's feet to the suitcase at his side, metres: nearer to the camera."""
BENDS_S: Final = 0.7
"""So long he stands by it."""
TRUNKS: Final[tuple[Colour, ...]] = ((52, 44, 128), (132, 84, 38), (46, 82, 46), (38, 62, 112))


def waiting(seed: int, block: int) -> tuple[Plan, ...]:
    """Someone comes over the line, waits at the bench, and goes on."""
    if occasion(block) is not Occasion.WAIT:
        return ()
    chance = dice(seed, block, "waiting")
    way = _to_bench(block * BLOCK_S + chance.uniform(4.0, 5.0), chance.uniform(1.25, 1.4), WAIT_PLACE)
    way = _and_on(way, way[-1].at_s + chance.uniform(15.0, 19.0), chance.uniform(1.25, 1.4))
    return (_walker(block, 0, chance, way),)


def following(seed: int, block: int) -> tuple[Plan, ...]:
    """Two pairs cross the line, the second of each close behind; between them one comes the other way."""
    if occasion(block) is not Occasion.FOLLOW:
        return ()
    chance = dice(seed, block, "following")
    begins_s = block * BLOCK_S
    plans = []
    for pair, crosses_s in enumerate((begins_s + 4.5, begins_s + 17.5)):
        at_s, speed = crosses_s + chance.uniform(-0.4, 0.4), chance.uniform(1.3, 1.45)
        gap_s = chance.uniform(0.68, 0.78)
        plans.append(_walker(block, 2 * pair, chance, _straight(at_s, speed, 11.0)))
        plans.append(_walker(block, 2 * pair + 1, chance, _straight(at_s + gap_s, speed, 10.3)))
    other = _straight(begins_s + 11.0, -chance.uniform(1.25, 1.45), 10.6)
    plans.append(_walker(block, 4, chance, other))
    return tuple(plans)


def meeting(seed: int, block: int) -> tuple[Plan, ...]:
    """Five come to the bench from both sides, stand together, and leave to the right one after the other."""
    if occasion(block) is not Occasion.MEETING:
        return ()
    chance = dice(seed, block, "meeting")
    begins_s = block * BLOCK_S
    plans = []
    for number, place in enumerate(MEETING_PLACES):
        speed = chance.uniform(1.25, 1.4)
        if number < 3:  # noqa: PLR2004 - from the left: the other two come from the right
            way = _to_bench(begins_s + 4.0 + 4.2 * number + chance.uniform(-0.3, 0.3), speed, place)
        else:
            way = _from_right(begins_s + 11.0 + 5.0 * (number - 3) + chance.uniform(-0.5, 0.5), speed, place)
        turn = sorted(other[0] for other in MEETING_PLACES)[::-1].index(place[0])
        plans.append(_walker(block, number, chance, _and_on(way, begins_s + 38.0 + LEAVE_S * turn, 1.35)))
    return tuple(plans)


def leaving_suitcase(seed: int, block: int) -> tuple[Plan, ...]:
    """Someone comes with a suitcase, puts it down by the planter and walks on over the line."""
    if occasion(block) is not Occasion.LEAVE_SUITCASE:
        return ()
    owner, taker = _owner(seed, block), _taker(seed, block + 2)
    comes, lies, goes = (_in_hand(owner.way[0]), _in_hand(owner.way[1]), _in_hand(taker.way[-1]))
    way = (comes, lies, Stop(taker.way[-2].at_s, lies.x, lies.z), goes)
    colour = dice(seed, block, "suitcase").choice(TRUNKS)
    return owner, Plan(block * 100 + SUITCASE_ID, Origin.UNKNOWN, Suitcase(colour), way)


def taking_suitcase(seed: int, block: int) -> tuple[Plan, ...]:
    """Someone comes over the line, takes the suitcase and carries it away."""
    return (_taker(seed, block),) if occasion(block) is Occasion.TAKE_SUITCASE else ()


def _owner(seed: int, block: int) -> Plan:
    chance = dice(seed, block, "owner")
    there_s, speed = block * BLOCK_S + 7.0 + chance.uniform(-0.4, 0.4), chance.uniform(1.2, 1.3)
    x, z = PUT_PLACE
    gone_s = there_s + BENDS_S
    line_s = gone_s + math.hypot(PAVEMENT_LINE_X - x, 10.3 - z) / speed
    way = (
        Stop(there_s - math.hypot(x - LEFT_END, 0.75) / speed, LEFT_END, z + 0.75),
        Stop(there_s, x, z),
        Stop(gone_s, x, z),
        Stop(line_s, PAVEMENT_LINE_X, 10.3),
        Stop(line_s + (RIGHT_END - PAVEMENT_LINE_X) / speed, RIGHT_END, 10.5),
    )
    return _walker(block, 0, chance, way)


def _taker(seed: int, block: int) -> Plan:
    chance = dice(seed, block, "taker")
    crosses_s, speed = block * BLOCK_S + 11.0 + chance.uniform(-0.4, 0.4), chance.uniform(1.2, 1.3)
    x, z = PUT_PLACE
    there_s = crosses_s + math.hypot(PAVEMENT_LINE_X - x, 10.4 - z) / speed
    way = (
        Stop(crosses_s - (RIGHT_END - PAVEMENT_LINE_X) / speed, RIGHT_END, 10.6),
        Stop(crosses_s, PAVEMENT_LINE_X, 10.4),
        Stop(there_s, x, z),
        Stop(there_s + BENDS_S, x, z),
        Stop(there_s + BENDS_S + math.hypot(x - LEFT_END, 0.75) / speed, LEFT_END, z + 0.75),
    )
    return _walker(block, 0, chance, way)


def _in_hand(stop: Stop) -> Stop:
    return Stop(stop.at_s, stop.x + IN_HAND[0], stop.z + IN_HAND[1])


def _straight(crosses_s: float, speed: float, z: float) -> tuple[Stop, ...]:
    """Return the way along the pavement of someone who crosses its line at a time; to the left where slower than 0."""
    ends = (LEFT_END, RIGHT_END) if speed > 0 else (RIGHT_END, LEFT_END)
    return tuple(Stop(crosses_s + (x - PAVEMENT_LINE_X) / speed, x, z) for x in ends)


def _to_bench(crosses_s: float, speed: float, place: tuple[float, float]) -> tuple[Stop, ...]:
    """Return the way from the left over the line to a place at the bench."""
    z = 10.5
    there_s = crosses_s + math.hypot(place[0] - PAVEMENT_LINE_X, place[1] - z) / speed
    left_s = crosses_s - (PAVEMENT_LINE_X - LEFT_END) / speed
    return Stop(left_s, LEFT_END, z), Stop(crosses_s, PAVEMENT_LINE_X, z), Stop(there_s, *place)


def _from_right(there_s: float, speed: float, place: tuple[float, float]) -> tuple[Stop, ...]:
    """Return the way from the right to a place at the bench."""
    z = 10.5
    return Stop(there_s - math.hypot(RIGHT_END - place[0], place[1] - z) / speed, RIGHT_END, z), Stop(there_s, *place)


def _and_on(way: tuple[Stop, ...], leaves_s: float, speed: float) -> tuple[Stop, ...]:
    """Return a way that goes on to the right at a time, after a stay where it ends."""
    x, z = way[-1].x, way[-1].z
    gone_s = leaves_s + math.hypot(RIGHT_END - x, z - 10.5) / speed
    return *way, Stop(leaves_s, x, z), Stop(gone_s, RIGHT_END, 10.5)


def _walker(block: int, number: int, chance: random.Random, way: tuple[Stop, ...]) -> Plan:
    look: Person = someone(chance)
    return Plan(block * 100 + FIRST_ID + number, Origin.PEDESTRIAN, look, way)
