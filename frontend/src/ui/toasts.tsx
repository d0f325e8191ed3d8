import { IconCheck } from "@tabler/icons-react";
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from "react";

const Say = createContext<(text: string) => void>(() => {});

/** Says that something was done: five seconds, bottom left. Errors are never said here. */
export const useSay = () => useContext(Say);

export function Toasts({ children }: { children: ReactNode }) {
  const [shown, setShown] = useState<{ id: number; text: string }[]>([]);
  const next = useRef(0);
  const say = useCallback((text: string) => {
    const id = ++next.current;
    setShown((before) => [...before.slice(-1), { id, text }]);
    setTimeout(() => setShown((before) => before.filter((toast) => toast.id !== id)), 5000);
  }, []);
  return (
    <Say.Provider value={say}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {shown.map((toast) => (
          <div key={toast.id} className="toast">
            <IconCheck size={16} stroke={2} aria-hidden="true" />
            {toast.text}
          </div>
        ))}
      </div>
    </Say.Provider>
  );
}
