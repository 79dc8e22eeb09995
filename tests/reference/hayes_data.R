# Least squares on the data of three studies that Hayes (2022) analyses (chapters 6, 7, 11); run in the folder of the data.
p<-read.csv("hayes_protest.csv"); p$D1<-p$protest==1; p$D2<-p$protest==2
p$h1<-c(-2/3,1/3,1/3)[p$protest+1]; p$h2<-c(0,-1/2,1/2)[p$protest+1]
a<-coef(lm(respappr~D1+D2,p)); b<-coef(lm(liking~D1+D2+respappr,p)); print(round(c(b[2:3],a[2:3]*b[4]),5))
a<-coef(lm(respappr~h1+h2,p)); b<-coef(lm(liking~h1+h2+respappr,p)); print(round(c(b[2:3],a[2:3]*b[4]),5))
t<-read.csv("hayes_teams.csv"); m<-lm(perform~dysfunc+negtone*negexp,t); print(round(coef(m),5)); a<-coef(lm(negtone~dysfunc,t)); print(round(a[2]*coef(m)["negtone:negexp"],5)); print(quantile(t$negexp,c(.16,.5,.84),type=6))
f<-function(w){v<-vcov(m);e<-coef(m)["negtone"]+w*coef(m)["negtone:negexp"];s<-sqrt(v["negtone","negtone"]+2*w*v["negtone","negtone:negexp"]+w^2*v["negtone:negexp","negtone:negexp"]);abs(e/s)-qt(.975,m$df.residual)}
print(uniroot(f,c(-1,0.3))$root)
g<-read.csv("hayes_glbwarm.csv"); print(round(coef(lm(govact~negemot*age+posemot+ideology+sex,g)),5)); print(quantile(g$age,c(.16,.5,.84),type=6))
