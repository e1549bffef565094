"""What the tests of whole programs share: a termd, an sshd, a browser, and a browser without a browser.

Everything but browser.py needs the Python standard library only, because scripts/demo uses these modules too.
"""
