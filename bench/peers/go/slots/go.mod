module sockflow.dev/bench/peers/go/slots

go 1.19
