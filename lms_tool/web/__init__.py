"""The shell: routes translate a request into one service call and render what comes back."""
