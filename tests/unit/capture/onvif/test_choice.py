import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.capture.onvif.choice import AUTO, SUFFICIENT_WIDTH, choose
from edge.capture.onvif.media import Profile
from edge.capture.source import CameraStatus, CaptureError


def profile(token: str, width: int, height: int, codec: str = "H264", source: str = "1") -> Profile:
    return Profile(token, f"{token} name", source, codec, width, height, 10.0)


MAIN, SUB, TINY = profile("main", 1920, 1080), profile("sub", 640, 360), profile("tiny", 320, 180)


@pytest.mark.parametrize(
    ("profiles", "token"),
    [
        pytest.param([MAIN, SUB, TINY], "sub", id="smallest sufficient"),
        pytest.param([TINY, profile("cif", 352, 288)], "cif", id="none is sufficient: the largest"),
        pytest.param([profile("a", 640, 360, "H265"), SUB], "sub", id="the codec that decodes cheaper"),
        pytest.param([profile("a", 640, 360, "MPEG4"), MAIN], "main", id="a codec that is not played"),
        pytest.param([MAIN, profile("other", 640, 360, source="2")], "main", id="the first lens"),
        pytest.param([profile("none", 0, 0), MAIN], "main", id="no size"),
        pytest.param([profile("tall", 480, 640), profile("wide", 1280, 720)], "wide", id="width counts"),
    ],
)
def test_auto(profiles: list[Profile], token: str) -> None:
    assert choose(profiles, AUTO, "cam").token == token


@pytest.mark.parametrize("wanted", ["tiny", "tiny name"])
def test_a_named_one_is_taken_whatever_it_is(wanted: str) -> None:
    assert choose([MAIN, SUB, TINY], wanted, "cam") is TINY


@pytest.mark.parametrize(
    ("profiles", "wanted", "says"),
    [
        ([MAIN, SUB], "big", r"has no profile big; .*main \(1920x1080 H264, 10 fps\), sub"),
        ([profile("old", 640, 480, "MPEG4")], AUTO, "H.264, H.265 or JPEG; .*old"),
        ([], AUTO, "profiles: none"),
    ],
)
def test_what_cannot_be_chosen_is_said(profiles: list[Profile], wanted: str, says: str) -> None:
    with pytest.raises(CaptureError, match=says) as caught:
        choose(profiles, wanted, "cam")
    assert caught.value.status is CameraStatus.NO_SUCH_STREAM


SIZES = st.builds(
    profile,
    st.text(min_size=1),
    st.integers(16, 4000),
    st.integers(16, 4000),
    st.sampled_from(["H264", "H265", "JPEG"]),
)


@given(st.lists(SIZES, min_size=1, max_size=6))
def test_nothing_smaller_would_do(profiles: list[Profile]) -> None:
    chosen = choose(profiles, AUTO, "cam")
    enough = [each for each in profiles if each.width >= SUFFICIENT_WIDTH]
    if enough:
        assert chosen.width >= SUFFICIENT_WIDTH
        assert all(chosen.width * chosen.height <= each.width * each.height for each in enough)
    else:
        assert all(chosen.width * chosen.height >= each.width * each.height for each in profiles)
