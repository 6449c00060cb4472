"""What the tasks of a run do: one function per kind of task, all named in `kinds`.

A job reads the task's inputs, writes its outputs to the temporary paths it is given, and returns what
its marker says: counts, never rows. It knows nothing of engines, markers, retries or renaming.
"""
