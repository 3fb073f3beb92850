"""The description of the calls for backups."""

from edge.outputs.rest.describe import Answer, Call
from edge.outputs.rest.parameters import IDENTITY, PICTURES, SECRETS
from edge.outputs.rest.refusals import OURS

BACKUP_CALLS: tuple[Call, ...] = (
    Call(
        path="/v1/backup",
        name="getBackup",
        group="Device",
        title="The device in one file",
        text=(
            "Settings with passwords, identity, tokens (as hashes), events and pictures, as they are at the call. "
            "Needs a token whatever `api.auth` says. One at a time. What breaks off has no proper end."
        ),
        secret=True,
        parameters=(PICTURES, SECRETS),
        answers=(
            Answer(status=200, text="The file, a gzipped tar.", media="application/octet-stream", body="binary"),
            OURS[400],
            OURS[401],
            OURS[503],
        ),
    ),
    Call(
        path="/v1/restore",
        name="uploadBackup",
        group="Device",
        title="Take a backup in",
        text=(
            "Checks every part of it and says what it would make of this device; it waits for half an hour. With "
            "`identity` it is restored at once: the program restarts. A restored device "
            "that does not do well for a minute goes back by itself."
        ),
        method="POST",
        writes=True,
        secret=True,
        body_bytes=True,
        parameters=(IDENTITY,),
        answers=(
            Answer(status=200, text="It can be restored.", schema="RestoreOffer"),
            OURS[400],
            OURS[401],
            OURS[408],
            OURS[413],
            OURS[415],
            OURS[503],
            OURS[507],
        ),
    ),
    Call(
        path="/v1/restore/begin",
        name="beginRestore",
        group="Device",
        title="Restore what was taken in",
        text="The program restarts, and is what was in the backup.",
        method="POST",
        writes=True,
        secret=True,
        parameters=(IDENTITY,),
        answers=(
            Answer(status=200, text="It is begun.", schema="Restore"),
            OURS[400],
            OURS[401],
            OURS[409],
            OURS[503],
        ),
    ),
    Call(
        path="/v1/restore/cancel",
        name="cancelRestore",
        group="Device",
        title="Let go of what was taken in",
        text="Nothing of the device was changed by it.",
        method="POST",
        writes=True,
        secret=True,
        answers=(Answer(status=200, text="It is gone.", schema="Restore"), OURS[401], OURS[503]),
    ),
)
