/* The handshake over one control word: client threads that pin and unpin without asking, and the
 * daemon that opens the word, sweeps it, takes it before an eviction, revokes and closes it. Each
 * step here is one atomic instruction there: a load and a compare-and-swap are two steps. The words
 * and rules are those of Sources/CoherentShared/ControlWord*.swift, with fewer bits.
 *
 * What may never happen stands as assertions, beside the step that would do it:
 *   evicted   an allocation is evicted while somebody holds a pin that was not revoked
 *   law       a word counts something else than its holders, or counts any while it is closed
 *   stale     an unpin takes a pin that is not its own
 *   early     a pin is revoked that had not had its lease
 * and that every eviction ends, as the formula `ends`, under weak fairness.
 *
 * FOREVER      clients and daemon go on without end. Numbers wrap then, so only `ends` is checked
 * HOSTILE      in place of the threads, one that flips any bit of the word at any time, asks for
 *              pins and cries wolf
 * STAYING      a holder may keep its pin for ever
 * PATIENT      no lease runs out: an eviction ends by the holders' own notice
 * BROKEN_...   a mistake that the checks must find
 */

#ifndef CLIENTS
#define CLIENTS 2
#endif
#ifndef PINS
#define PINS 3
#endif
#ifndef ROUNDS
#define ROUNDS 3
#endif
#ifndef MAXIMUM
#define MAXIMUM 3
#endif
#ifndef REVOCATION_BITS
#define REVOCATION_BITS 3
#endif
#ifndef EPOCH_BITS
#define EPOCH_BITS 3
#endif
#define TRIES 2

/* The word: epoch | revocations | V E R | count (2 bits). */
#define R 4
#define E 8
#ifdef FOREVER
#define V 0   /* it decides nothing */
#else
#define V 16
#endif
#define COUNT(w) ((w) & 3)
#define REVOCATIONS(w) (((w) >> 5) & ((1 << REVOCATION_BITS) - 1))
#define EPOCH_SHIFT (5 + REVOCATION_BITS)
#define EPOCH(w) ((w) >> EPOCH_SHIFT)
#define BITS (EPOCH_SHIFT + EPOCH_BITS)
#define MASK ((1 << BITS) - 1)

#define MAY_PIN(w) ((((w) & (R | E)) == R) && COUNT(w) < MAXIMUM)
#define PINNED(w) (((w) + 1 + (1 << EPOCH_SHIFT)) & MASK)
#define WITHOUT_PINS(w) (((w) >> 5) << 5)
#define OPENED(w) (WITHOUT_PINS(w) | R)
#define NEXT_REVOCATION(w) (((REVOCATIONS(w) + 1) & ((1 << REVOCATION_BITS) - 1)) << 5)
#define CLOSED(w) ((EPOCH(w) << EPOCH_SHIFT) | NEXT_REVOCATION(w))
#define REVOKED(w) (CLOSED(w) | V)

int word;               /* shared memory: the only thing that both sides touch */
bool wants[CLIENTS];    /* a request that was sent and not answered */
bool notice;            /* "the last pin under an eviction has ended" was sent */
bool armed, expired;    /* the deadline of the eviction that waits */
bool evictionWaits;

/* Ghosts: what is true, whatever the word says. */
bool holds[CLIENTS];    /* holds a pin that nobody revoked */
bool young[CLIENTS];    /* pinned since a lease began to be counted */
bool evicted;           /* the frames are gone or going */

#if defined(FOREVER) || defined(HOSTILE)
#define CLAIM(x) skip
#define GHOST(variable, value) skip
#else
#define CLAIM(x) assert(x)
#define GHOST(variable, value) variable = value
#endif

#if CLIENTS == 3
#define HOLDERS (holds[0] + holds[1] + holds[2])
#define SOME_YOUNG \
  ((holds[0] && young[0]) || (holds[1] && young[1]) || (holds[2] && young[2]))
#define EACH(array, value) GHOST(array[0], value); GHOST(array[1], value); GHOST(array[2], value)
#else
#define HOLDERS (holds[0] + holds[1])
#define SOME_YOUNG ((holds[0] && young[0]) || (holds[1] && young[1]))
#define EACH(array, value) GHOST(array[0], value); GHOST(array[1], value)
#endif
#define LAW CLAIM(COUNT(word) == HOLDERS && (COUNT(word) == 0 || (word & R)))

proctype client(byte me)
{
  int now;
  byte token;
  byte left = PINS;
  bool last;

  do
  :: left == 0 -> break
  :: left > 0 ->
#ifndef FOREVER
    left--;
#endif
    now = word;
pinning:
    if
    :: !MAY_PIN(now) ->
      /* The daemon decides. Its own pins are the core's, which never evicts under them. */
      wants[me] = true;
      !wants[me];
      goto next
    :: else ->
      atomic {
        if
        :: word == now ->
          word = PINNED(now); token = REVOCATIONS(now);
          GHOST(holds[me], true); GHOST(young[me], true);
          CLAIM(!evicted); LAW
        :: else -> now = word; goto pinning
        fi
      }
    fi;
#ifdef STAYING
    if
    :: skip
    :: goto staying
    fi;
#endif
    now = word;
unpinning:
    if
#ifndef BROKEN_UNPIN
    :: REVOCATIONS(now) != token -> CLAIM(!holds[me]); goto next
    :: REVOCATIONS(now) == token && COUNT(now) == 0 -> CLAIM(false); goto next
#else
    :: COUNT(now) == 0 -> goto next
#endif
    :: else ->
      atomic {
        if
        :: word == now ->
          CLAIM(holds[me]);
          word = now - 1; GHOST(holds[me], false); GHOST(young[me], false);
          last = COUNT(word) == 0 && (word & E); LAW
        :: else -> now = word; goto unpinning
        fi
      };
#ifndef BROKEN_NOTICE
      if
      :: last -> notice = true
      :: else
      fi
#endif
    fi;
next:
    /* What is dead must not tell states apart. */
    atomic { last = false; now = 0; token = 0 }
  od;
staying:
  skip
}

#ifdef HOSTILE
proctype scribbler()
{
  do
  :: word = word ^ 1
  :: word = word ^ 2
  :: word = word ^ R
  :: word = word ^ E
  :: word = word ^ 32
  :: notice = true
  :: wants[0] = true
  od
}
#endif

proctype timer()
{
end:
  do
  :: atomic { armed -> armed = false; expired = true }
  od
}

#define NOTHING 255

proctype daemon()
{
  int now;
  byte seen = NOTHING;  /* the epoch that the sweep saw last */
  bool open = false;    /* what the core holds the word to be */
  bool taken, shut;
  byte tries;
  byte left = ROUNDS;
  byte asker;

end:
  do
  :: notice -> notice = false
  :: wants[0] -> asker = 0; goto serving
  :: wants[1] -> asker = 1; goto serving
#if CLIENTS == 3
  :: wants[2] -> asker = 2; goto serving
#endif
  :: open && left > 0 -> goto evicting
#ifndef FOREVER
  :: open && left > 0 -> goto sweeping
#endif
  :: open && left > 0 -> goto freeing

serving:
    if
    :: !open ->
      now = word;
      atomic { word = OPENED(now); LAW };
      open = true; seen = NOTHING
    :: else
    fi;
    wants[asker] = false;
    goto next;

#ifndef FOREVER
sweeping:
    atomic {
      now = word;
      if
      :: COUNT(now) > 0 && seen != EPOCH(now) -> seen = EPOCH(now); EACH(young, false); goto next
      :: COUNT(now) == 0 -> goto next
      :: else
      fi
    };
    /* Seen before with this epoch, and a lease ago: all of its pins have had theirs. */
    tries = 0;
expiring:
    if
    :: tries == TRIES -> goto next
#ifndef BROKEN_EXPIRE
    :: tries < TRIES && (EPOCH(now) != seen || COUNT(now) == 0) -> goto next
#endif
    :: else ->
      atomic {
        if
        :: word == now ->
          CLAIM(!SOME_YOUNG);
          word = REVOKED(now); EACH(holds, false); LAW; open = false; seen = NOTHING
        :: else -> tries++; now = word; goto expiring
        fi
      }
    fi;
    goto next;
#endif

freeing:
    now = word;
    atomic { word = CLOSED(now); EACH(holds, false); LAW; open = false; seen = NOTHING };
    goto next;

evicting:
    evictionWaits = true; shut = false;
taking:
    taken = false; tries = 0;
#ifdef PATIENT
    atomic {
#endif
    now = word;
trying:
    if
    :: tries == TRIES -> skip
    :: tries < TRIES && COUNT(now) == 0 ->
#ifdef BROKEN_TAKE
      word = now & ~(R | E); taken = true
#else
      atomic {
        if
        :: word == now -> word = now & ~(R | E); taken = true; LAW
        :: else -> tries++; now = word; goto trying
        fi
      }
#endif
    :: else ->
      atomic {
        if
        :: word == now -> word = now | E; shut = true; EACH(young, false)
        :: else -> tries++; now = word; goto trying
        fi
      }
    fi;
#ifdef PATIENT
    };
#endif
    if
    :: taken -> goto gone
    :: else
    fi;
#ifndef PATIENT
    /* Armed once: a notice that is late or forged must not move the deadline. */
    if
    :: !expired -> armed = true
    :: else
    fi;
#endif
waiting:
    if
#ifndef BROKEN_DEADLINE
    :: expired -> goto revoking
#endif
    :: !expired && notice -> notice = false; goto taking
#ifndef FOREVER
    :: left > 1 -> left--; goto ending   /* the allocation is freed meanwhile */
#endif
    fi;
revoking:
    now = word;
    atomic {
      CLAIM(!shut || !SOME_YOUNG);
      word = REVOKED(now); EACH(holds, false); LAW
    };
    goto gone;
ending:
    now = word;
    atomic { word = CLOSED(now); EACH(holds, false); LAW };
gone:
    atomic { armed = false; expired = false };
    atomic { CLAIM(HOLDERS == 0); evicted = true };
    open = false; seen = NOTHING;
    evicted = false;
    evictionWaits = false;
next:
    atomic {
      now = 0; tries = 0; taken = false; shut = false; asker = 0;
#ifndef FOREVER
      if
      :: left > 0 -> left--
      :: else
      fi
#endif
    }
  od
}

init
{
  atomic {
    run daemon();
    run timer();
#ifdef HOSTILE
    run scribbler();
#else
    run client(0);
    run client(1);
#if CLIENTS == 3
    run client(2);
#endif
#endif
  }
}

#ifdef LIVENESS
ltl ends { [] (evictionWaits -> <> !evictionWaits) }
#endif
