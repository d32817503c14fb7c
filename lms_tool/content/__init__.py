"""Courses as text: reading, checking and rendering course packages, and the kinds of questions.

Pure: files and values in, values out. ``package.read`` makes a ``course.Course``; ``stored`` turns it into
JSON and back; ``questions`` shows and marks.
"""
