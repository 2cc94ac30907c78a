"use client";

import { connect } from "@hawksbill/worker";
import { useEffect, useState } from "react";

export default function Page() {
  const [w, setW] = useState();
  useEffect(() => {
    const worker = connect(new Worker(new URL("./train.js", import.meta.url), { type: "module" }));
    async function train() {
      for await (const w of worker.remote.fit({ x: [1, 2, 3], y: [2, 4, 6], steps: 20 })) setW(w);
    }
    train();
    return () => worker.close();
  }, []);
  return <output>{w && `y = ${w.toFixed(3)} x`}</output>;
}
