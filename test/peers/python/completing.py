"""Types lines and Tab into an interactive shell, and prints what they become.

usage: completing.py SHELL SCRIPT < LINES. SCRIPT is a file with the completions. Prints each line,
completed, as a line of its own.
"""
import os
import pty
import re
import signal
import sys
import tempfile

SHELLS = {
    'bash': (
        ['--noprofile', '--rcfile', '{rc}', '-i'],
        '''
        source {script}
        alias fh=foghorn
        complete -F _foghorn fh
        bind 'set bell-style none' 'set completion-query-items 0' 'set page-completions off'
        show() {{ printf '<<%s>>\\n' "$READLINE_LINE"; READLINE_LINE=; }}
        bind -x '"\\C-xp": show'
        ''',
    ),
    'zsh': (
        ['-f', '-i'],
        '''
        autoload -U compinit
        compinit -u -D
        source {script}
        alias fh=foghorn
        setopt no_list_beep no_beep no_prompt_sp
        LISTMAX=10000
        show() {{ print -r -- "<<$BUFFER>>"; BUFFER=; zle redisplay }}
        zle -N show
        bindkey '^Xp' show
        ''',
    ),
    'fish': (
        ['--no-config', '--init-command', 'source {rc}', '-i'],
        '''
        source {script}
        alias fh foghorn
        function fish_prompt; end
        bind \\cxp 'echo "<<"(commandline)">>"; commandline ""'
        ''',
    ),
}

shell, script = sys.argv[1:]
arguments, setup = SHELLS[shell]
home = tempfile.mkdtemp()
rc = os.path.join(home, '.zshrc')
with open(rc, 'w') as file:
    file.write(setup.format(script=script))
os.environ.update(HOME=home, TERM='dumb', PS1='', COLUMNS='200', ZDOTDIR=home)
if shell == 'zsh':
    arguments = ['-i']
child, terminal = pty.fork()
if child == 0:
    os.execvp(shell, [shell] + [each.format(rc=rc) for each in arguments])

signal.alarm(120)
shown = b''
for line in sys.stdin.read().splitlines():
    os.write(terminal, line.encode() + b'\t\x18p')
    while not (completed := re.search(rb'<<(.*?)>>', shown, re.DOTALL)):
        shown += os.read(terminal, 65536)
    print(completed[1].decode(), flush=True)
    shown = shown[completed.end():]
os.kill(child, signal.SIGKILL)
