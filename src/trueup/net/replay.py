"""Have libcurl read an answer that has come already, or comes, on a socket that is not its own."""

from __future__ import annotations

import _socket

import pycurl

from trueup.net.multi import Done, Loop
from trueup.net.transfer import Transfer
from trueup.net.words import answer_from

_PIECE = 65_536


class Replay:
    """A pair of sockets between what a target says and libcurl, which takes it for the target.

    Args:
        reader: A transfer that is prepared; it asks the pair what it would have asked the target.
        source: What the target says from now on.
        said: What it has said before.
    """

    def __init__(self, loop: Loop, reader: Transfer, source: _socket.socket, said: bytes, done: Done) -> None:
        self.reader = reader
        self._loop = loop
        self._source = source
        self._said = said
        self._reset = False
        self._ours: _socket.socket | None
        self._ours, theirs = _socket.socketpair()
        self._ours.setblocking(False)
        answer_from(reader.handle, theirs)
        reader.handle.setopt(pycurl.PREREQFUNCTION, lambda *_: pycurl.PREREQFUNC_OK)  # it has no address
        self._theirs = theirs
        loop.hold(self._ours.fileno(), lambda _: self.pump())
        reader.begin(loop, done)
        self.pump()

    def pump(self) -> None:
        """Pass on what has come, as far as libcurl takes it."""
        while (ours := self._ours) is not None:
            try:
                if self._reset:
                    ours.recv(1, _socket.MSG_PEEK)
                    self._shut()  # with something unread, which resets the other end
                elif self._said:
                    self._said = self._said[ours.send(self._said) :]
                else:
                    self._said = self._source.recv(_PIECE)
                    if not self._said:
                        ours.shutdown(_socket.SHUT_WR)
                        return
            except BlockingIOError:
                return  # called again when there is more, or room for it
            except OSError:
                if self._reset or self._said:
                    return  # libcurl listens no more
                self._reset = True

    def close(self) -> None:
        """End it; libcurl has read what it wanted."""
        self._shut()
        self._theirs.close()
        self.reader.end()
        self.reader.handle.close()

    def _shut(self) -> None:
        if self._ours is not None:
            self._loop.release(self._ours.fileno())
            self._ours.close()
            self._ours = None
