import { render } from "preact";
import { keepForOffline, openStudio } from "./actions/open.js";
import { App } from "./app.js";
import "./style.css";

render(<App />, document.getElementById("app") as HTMLElement);
openStudio().then(keepForOffline);
