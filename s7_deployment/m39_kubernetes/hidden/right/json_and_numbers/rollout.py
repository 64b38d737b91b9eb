from dataclasses import dataclass, field


@dataclass
class Update:
    replicas: int
    surge: int
    unavailable: int
    old: int = 0
    ready: int = 0
    starting: int = 0
    log: list = field(default_factory=list)

    def __post_init__(self):
        self.old = self.replicas
        self.note()

    def note(self):
        state = [self.old, self.ready + self.starting]
        if not self.log or self.log[-1] != state:
            self.log.append(state)

    def round(self):
        new = self.ready + self.starting
        self.starting += max(0, min(self.replicas - new, self.replicas + self.surge - self.old - new))
        self.note()
        spare = self.old + self.ready - (self.replicas - self.unavailable)
        self.old -= max(0, min(self.old, spare))
        self.note()
        self.ready, self.starting = self.ready + self.starting, 0


def rollout_states(replicas, max_surge, max_unavailable):
    surge, up = divmod(percent(max_surge, replicas), 100)
    unavailable, _ = divmod(percent(max_unavailable, replicas), 100)
    if written_zero(max_surge) and written_zero(max_unavailable):
        raise ValueError("nothing would ever move")
    surge += bool(up)
    update = Update(replicas, surge, unavailable if surge or unavailable else 1)
    while update.old or update.ready != replicas:
        update.round()
    return update.log


def percent(limit, replicas):
    return 100 * limit if isinstance(limit, int) else int(limit[:-1]) * replicas


def written_zero(limit):
    return str(limit).rstrip("%") == "0"
