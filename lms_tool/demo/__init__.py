"""A small LMS of our own: the other side for ``lms-tool demo`` and for the tests.

It behaves as Moodle 5.1 was recorded to behave wherever a tool could notice, and shares no code with
``lms_tool.lti``, so that one misreading of the specification is not made twice.
"""
