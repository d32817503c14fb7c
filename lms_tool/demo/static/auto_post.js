document.getElementById("ltiForm").submit();
