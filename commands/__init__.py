"""The commands of the command line, each a function; ``cli`` gives them their names.

The stages bring spaCy, pandas and scikit-learn with them. They are imported where a command needs them, so that
``--help`` answers at once and worker processes, which import the command line again, do not carry them about.
"""
