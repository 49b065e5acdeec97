"""Nobody has everything under way."""

import pytest

from armillary.base.errors import TooManyRequests
from armillary.platform.frame.shares import Shares


def test_each_user_has_a_share_of_their_own() -> None:
    shares = Shares(most_requests=2, most_streams=1)
    with shares.held("ann"), shares.held("ann"):
        with pytest.raises(TooManyRequests, match="2 requests under way"), shares.held("ann"):
            pass
        with (
            shares.held("bob"),
            shares.held("ann", is_stream=True),
            pytest.raises(TooManyRequests, match="1 streams open"),
            shares.held("ann", is_stream=True),
        ):
            pass
    with shares.held("ann"), shares.held("ann"):
        pass
