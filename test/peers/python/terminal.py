"""Runs a command in a pseudo-terminal: terminal.py STEP... -- COMMAND...

A step is `WAIT>TEXT`: once WAIT has been printed, TEXT is typed; `WAIT>resize:ROWSxCOLUMNS`
resizes the terminal instead. Prints what the terminal showed after the last step's WAIT, and exits
with the command's code.
"""
import fcntl
import os
import pty
import signal
import struct
import sys
import termios
import time

split = sys.argv.index('--')
steps = [step.split('>', 1) for step in sys.argv[1:split]]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[split + 1], sys.argv[split + 1:])


def resize(rows, columns):
    size = struct.pack('HHHH', rows, columns, 0, 0)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, size)
    os.kill(pid, signal.SIGWINCH)


shown = b''
signal.alarm(60)
while True:
    try:
        part = os.read(terminal, 65536)
    except OSError:
        break
    if not part:
        break
    shown += part
    while steps and steps[0][0].encode() in shown:
        awaited, text = steps.pop(0)
        # A shell that has just printed something may not have started its next command.
        time.sleep(0.3)
        shown = shown.split(awaited.encode(), 1)[1]
        if text.startswith('resize:'):
            resize(*map(int, text[len('resize:'):].split('x')))
        else:
            os.write(terminal, text.encode().decode('unicode_escape').encode('latin1'))
_, status = os.waitpid(pid, 0)
print(shown.decode(errors='replace'))
sys.exit(os.waitstatus_to_exitcode(status))
