import { render } from "preact";
import { keepForOffline, openStudio } from "./actions/open.js";
import { App } from "./app.js";
import { stayHere } from "./stay.js";
import "./style.css";

stayHere();
render(<App />, document.getElementById("app") as HTMLElement);
openStudio().then(keepForOffline);
