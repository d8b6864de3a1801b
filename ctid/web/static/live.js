// What the page knows of the centre: a pure function of the frames in their order.

export const NOTHING = {
  online: false,
  wasOnline: false,
  fresh: false,
  hello: null,
  agent: null,
  pop: null,
  board: null,
  boardAt: 0,
  error: null,
};

const WITH_CALL = new Set(["reserved", "on_call", "wrap_up"]);

/** The newer of two versions of a pop; another id is another call and wins. */
export function newer(have, came) {
  return have && have.id === came.id && have.version >= came.version ? have : came;
}

function withAgent(live, agent) {
  let pop = live.pop;
  if (agent.pop) pop = newer(pop, agent.pop);
  else if (live.fresh || !WITH_CALL.has(agent.state)) pop = null;
  return { ...live, agent, pop, fresh: false };
}

export function follow(live, frame) {
  switch (frame.type) {
    case "link":
      return { ...live, online: frame.up, wasOnline: live.wasOnline || frame.up };
    case "hello":
      return { ...live, hello: frame, fresh: true };
    case "agent":
      return withAgent(live, frame.agent);
    case "pop.shown":
    case "pop.updated":
      return { ...live, pop: newer(live.pop, frame.pop) };
    case "pop.revoked":
      return live.pop?.id === frame.pop ? { ...live, pop: null } : live;
    case "board":
      return { ...live, board: frame, boardAt: performance.now() };
    case "error":
      return { ...live, error: frame };
    case "error.seen":
      return { ...live, error: null };
    default:
      return live; // a newer server may say more than this page knows
  }
}
