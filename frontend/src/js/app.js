// Everything works without these; each makes one thing more comfortable.
import { saveAnswers } from "./answers.js";
import { copyMessage } from "./copy.js";
import { openTerms } from "./terms.js";

saveAnswers();
copyMessage();
openTerms();
