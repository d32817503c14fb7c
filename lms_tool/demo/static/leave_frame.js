// Out of the frame that the activity was shown in: the course page must not end up inside itself.
window.top.location.href = document.getElementById("course").href;
